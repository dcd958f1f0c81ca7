using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Install;

/// <summary>The names of an installation in their directory: the executable first, then the links to it.</summary>
/// <param name="directory">The directory, open.</param>
/// <param name="names">The names.</param>
internal readonly unsafe struct InstalledNames(int directory, Words names)
{
    /// <summary>The index of the executable.</summary>
    internal const int Executable = 0;

    internal int Directory { get; } = directory;

    internal int Count => names.Count;

    /// <summary>A name as a C string.</summary>
    internal byte* this[int index] => names.Pointer(index);

    /// <summary>Looks up the existing entry with a name.</summary>
    internal Result<Presence> Look(int index)
    {
        Result<FileStatus> status = FileStatus.OfLink(Directory, this[index]);
        if (status.Failed)
            return status.Error.Is(libc.ENOENT) ? Presence.Missing : status.Error;
        if (status.Value.IsDirectory)
            return Presence.Directory;
        if (index == Executable)
            return status.Value.IsRegular ? Presence.Executable : Presence.Foreign;
        return status.Value.IsSymbolicLink && LeadsToExecutable(index) ? Presence.Link : Presence.Foreign;
    }

    private bool LeadsToExecutable(int index)
    {
        ReadOnlySpan<byte> wanted = Bytes.OfC(this[Executable]);
        // One byte more, so that a longer target isn't mistaken for the wanted one.
        int size = wanted.Length + 1;
        byte* target = stackalloc byte[size];
        nint length = libc.readlinkat(Directory, this[index], target, (nuint)size);
        return length >= 0 && wanted.SequenceEqual(new ReadOnlySpan<byte>(target, (int)length));
    }
}
