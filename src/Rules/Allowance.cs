using System;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Rules;

/// <summary>
/// The additions of an allow rule: edits of the environment, and possibly a script that replaces the program. Created once and used for any number of
/// decisions, each of which starts with <see cref="Clear"/>.
/// </summary>
internal struct Allowance
{
    /// <summary>The longest script, in bytes.</summary>
    internal const int LongestScript = 4096;

    private ByteBuffer content; // the edits, then the script
    private DirectoryNames names;
    private int editsLength;

    /// <summary>The edits: <c>NAME=VALUE</c> or <c>NAME</c>, each ended by NUL.</summary>
    internal readonly ReadOnlySpan<byte> Edits => content.Content[..editsLength];

    /// <summary>The script as it stands in the rule; empty when there is none.</summary>
    internal readonly ReadOnlySpan<byte> Script => content.Content[editsLength..];

    internal void Clear()
    {
        content.Clear();
        editsLength = 0;
    }

    /// <summary>Takes the edits from a directory in the envdir format, <see cref="EnvironmentDirectory"/>.</summary>
    internal Errno ReadEdits(int parent, CString path)
    {
        Clear();
        Errno error = EnvironmentDirectory.Read(parent, path, EnvironmentFormat.Standard, ref content, ref names);
        if (error.Failed)
            Clear();
        editsLength = content.Length;
        return error;
    }

    /// <summary>Takes the script from a file, behind the edits. EFBIG when it is longer than <see cref="LongestScript"/>.</summary>
    internal Errno ReadScript(int parent, CString path)
    {
        Errno error = content.Extend(LongestScript + 1);
        if (error.Failed)
            return error;
        Result<int> size = RegularFile.Read(parent, path, content.Content[editsLength..]);
        bool isWhole = !size.Failed && size.Value <= LongestScript;
        content.Truncate(isWhole ? editsLength + size.Value : editsLength);
        return isWhole || size.Failed ? size.Error : new Errno(libc.EFBIG);
    }

    internal Errno Set(ReadOnlySpan<byte> edits, ReadOnlySpan<byte> script)
    {
        Clear();
        Errno error = content.Add(edits);
        if (error.Failed)
            return error;
        editsLength = content.Length;
        return content.Add(script);
    }

    /// <summary>Adds an edit, as long as there is no script.</summary>
    internal Errno AddEdit(ReadOnlySpan<byte> edit)
    {
        Errno error = content.Add(edit) && content.Add(0);
        editsLength = content.Length;
        return error;
    }

    /// <summary>Frees the memory.</summary>
    internal void Free()
    {
        content.Free();
        names.Free();
        editsLength = 0;
    }
}
