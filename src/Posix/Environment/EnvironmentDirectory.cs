using System;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;

namespace LocalService.Posix;

/// <summary>
/// The envdir format: each file of a directory is an edit of the environment, named like the file. Specification "conventions",
/// section 6. The edits come in the order of their names, so that equal directories give equal edits.
/// </summary>
internal static unsafe class EnvironmentDirectory
{
    /// <summary>Reads a directory.</summary>
    /// <param name="parent">The directory that the path starts from: an open one, or AT_FDCWD.</param>
    /// <param name="path">The path, as a C string.</param>
    /// <param name="format">How a file becomes a value.</param>
    /// <param name="edits">
    /// Receives the edits at its end: <c>NAME=VALUE</c> or, to unset, <c>NAME</c>, each ended by NUL. Meaningless after an error.
    /// </param>
    /// <param name="names">Memory for the list of names.</param>
    /// <returns>
    /// ENOENT only when the directory itself is missing; EIDRM for a file that vanished or a dangling link, ENODEV for a FIFO or device, E2BIG for a
    /// value too long to pass to any program.
    /// </returns>
    internal static Errno Read(int parent, CString path, EnvironmentFormat format, ref ByteBuffer edits, ref DirectoryNames names)
    {
        using var directory = Descriptor.Open(parent, path, LibC.O_RDONLY | LibC.O_DIRECTORY);
        if (directory.Number < 0)
            return Errno.Last;
        Errno error = names.Read(directory.Number);
        for (int i = 0; !error.Failed && i < names.Count; i++)
        {
            if (Bytes.OfC(names[i]).IndexOf((byte)'=') < 0)
                error = AddVariable(directory.Number, names[i], format, ref edits);
        }
        // A directory that was removed while it was read must not look as if it had never been there.
        return error.Is(libc.ENOENT) ? new Errno(libc.EIDRM) : error;
    }

    /// <summary>Reads a file to the place right after its name, where its value stays.</summary>
    private static Errno AddVariable(int directory, CString name, EnvironmentFormat format, ref ByteBuffer edits)
    {
        Errno error = edits.Add(Bytes.OfC(name));
        int nameEnd = edits.Length;
        error = error && edits.Add((byte)'=');
        int start = edits.Length;
        error = error && edits.Extend(format.LargestFile);
        if (error.Failed)
            return error;
        Result<int> size = RegularFile.Read(directory, name, edits.Content[start..]);
        if (size.Failed)
            return size.Error;
        Result<int> length = format.MakeValue(edits.Content.Slice(start, size.Value));
        if (length.Failed)
            return length.Error;
        edits.Truncate(size.Value == 0 ? nameEnd : start + length.Value);
        return edits.Add(0);
    }
}
