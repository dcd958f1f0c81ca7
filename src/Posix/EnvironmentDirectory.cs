using System;
using LocalService.Libc;

namespace LocalService.Posix;

/// <summary>
/// The envdir format: each file of a directory is an edit of the environment, named like the file. Specification "conventions",
/// section 6. The edits come in the order of their names, so that equal directories give equal edits.
/// </summary>
internal static unsafe class EnvironmentDirectory
{
    /// <summary>The largest part of a file that counts, in bytes; the rest is ignored, as the format says.</summary>
    internal const int LargestFile = 4095;

    /// <summary>Reads a directory.</summary>
    /// <param name="parent">What the path starts from, an open directory or AT_FDCWD.</param>
    /// <param name="path">The path, as a C string.</param>
    /// <param name="edits">
    /// Gets the edits added at its end: <c>NAME=VALUE</c> or, to unset, <c>NAME</c>, each ended by NUL. Of no meaning after an error.
    /// </param>
    /// <param name="names">Memory for the list of names.</param>
    /// <returns>
    /// ENOENT only when the directory itself is missing; a file that vanished or a dangling link gives EIDRM, a FIFO or device ENODEV.
    /// </returns>
    internal static Errno Read(int parent, byte* path, ref ByteBuffer edits, ref DirectoryNames names)
    {
        using var directory = Descriptor.Open(parent, path, libc.O_RDONLY | libc.O_DIRECTORY);
        if (directory.Number < 0)
            return Errno.Last;
        Errno error = names.Read(directory.Number);
        for (int i = 0; !error.Failed && i < names.Count; i++)
        {
            if (Bytes.OfC(names[i]).IndexOf((byte)'=') < 0)
                error = AddVariable(directory.Number, names[i], ref edits);
        }
        // A directory that was removed while it was read must not look as if it had never been there.
        return error.Is(libc.ENOENT) ? new Errno(libc.EIDRM) : error;
    }

    /// <summary>Turns what a file holds into the value of its variable, in place.</summary>
    /// <returns>The value, a part of the content.</returns>
    internal static Span<byte> ValueOf(Span<byte> content)
    {
        int end = ((ReadOnlySpan<byte>)content).IndexOf((byte)'\n');
        Span<byte> value = end < 0 ? content : content[..end];
        while (!value.IsEmpty && value[^1] is (byte)' ' or (byte)'\t' or (byte)'\r')
            value = value[..^1];
        foreach (ref byte character in value)
        {
            if (character == 0)
                character = (byte)'\n';
        }
        return value;
    }

    private static Errno AddVariable(int directory, byte* name, ref ByteBuffer edits)
    {
        Span<byte> content = stackalloc byte[LargestFile];
        Result<int> size = RegularFile.Read(directory, name, content);
        if (size.Failed)
            return size.Error;
        Errno error = edits.Add(Bytes.OfC(name));
        if (!error.Failed && size.Value > 0)
        {
            error = edits.Add((byte)'=');
            if (!error.Failed)
                error = edits.Add(ValueOf(content[..size.Value]));
        }
        return error.Failed ? error : edits.Add(0);
    }
}
