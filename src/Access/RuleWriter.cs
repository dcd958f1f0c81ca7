using System;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;
using LocalService.Rules;

namespace LocalService.Access;

/// <summary>What went wrong when a rule was written: the call, as C's messages name it, and the file, below the rules directory.</summary>
internal readonly ref struct RuleWriteError(ReadOnlySpan<byte> action, CString file, Errno error)
{
    internal ReadOnlySpan<byte> Action { get; } = action;
    internal ReadOnlySpan<byte> File { get; } = Bytes.OfC(file);
    internal Errno Error { get; } = error;
    internal bool Failed => Error.Failed;
}

/// <summary>
/// Writes rules as the files of a directory. The rules have been checked before: see <see cref="StoredRule"/>. Files get the mode
/// 0666 less the umask, directories 0755 regardless of the umask.
/// </summary>
internal readonly struct RuleWriter
{
    private const uint DirectoryMode = 0x1ED; // 0755
    private const uint FileMode = 0x1B6; // 0666

    private readonly int root;
    private readonly uint umask;

    /// <param name="root">The rules directory.</param>
    /// <param name="umask">The umask of the user; that of the process must be 0, so that the modes of directories are exact.</param>
    internal RuleWriter(int root, uint umask)
    {
        this.root = root;
        this.umask = umask;
    }

    /// <summary>Creates a directory below an open one, or below the working directory.</summary>
    internal static Errno CreateDirectory(int parent, CString name) => DirectoryEntry.MakeDirectory(parent, name, DirectoryMode);

    /// <summary>Creates the directory of a kind, if it doesn't exist.</summary>
    internal Errno WriteKind(ReadOnlySpan<byte> kind)
    {
        Errno error = CreateDirectory(root, Arena.CString(kind));
        return error.Is(libc.EEXIST) ? default : error;
    }

    /// <summary>Writes a rule. A rule with a key that has been written already has no effect in a database, and is left out.</summary>
    internal RuleWriteError Write(StoredRule rule)
    {
        CString key = Arena.CString(rule.Key);
        CString kind = Arena.CString(rule.Key[..rule.Key.IndexOf((byte)'/')]);
        Errno error = WriteKind(Bytes.OfC(kind));
        if (error.Failed)
            return new RuleWriteError("unable to mkdir "u8, kind, error);
        error = CreateDirectory(root, key);
        if (error.Is(libc.EEXIST))
            return default;
        if (error.Failed)
            return new RuleWriteError("unable to mkdir "u8, key, error);
        RuleWriteError failure = WriteVerdict(rule, key);
        if (!failure.Failed && !rule.Edits.IsEmpty)
            failure = WriteEdits(rule, key);
        if (!failure.Failed && !rule.Script.IsEmpty)
            failure = WriteFile(Below(key, "exec"u8), rule.Script, default);
        return failure;
    }

    private RuleWriteError WriteVerdict(StoredRule rule, CString key)
    {
        CString path = Below(key, rule.IsAllow ? "allow"u8 : "deny"u8);
        using var file = OpenFile(path);
        return file.Number < 0 ? new RuleWriteError("unable to open_trunc "u8, path, Errno.Last) : default;
    }

    private RuleWriteError WriteEdits(StoredRule rule, CString key)
    {
        CString directory = Below(key, "env"u8);
        Errno error = CreateDirectory(root, directory);
        if (error.Failed)
            return new RuleWriteError("unable to mkdir "u8, directory, error);
        Span<byte> value = stackalloc byte[RuleRecord.LargestEdits];
        var edits = new Edits(rule.Edits);
        while (edits.MoveNext())
        {
            CString path = Below(directory, edits.Name);
            RuleWriteError failure = edits.IsUnset
                ? WriteFile(path, default, default)
                : WriteFile(path, Escape(edits.Value, value), "\n"u8);
            if (failure.Failed)
                return failure;
        }
        return default;
    }

    /// <summary>
    /// The value as a file stores it: a newline becomes NUL, which the format reads as a newline.
    /// </summary>
    private static ReadOnlySpan<byte> Escape(ReadOnlySpan<byte> value, Span<byte> buffer)
    {
        for (int i = 0; i < value.Length; i++)
            buffer[i] = value[i] == (byte)'\n' ? (byte)0 : value[i];
        return buffer[..value.Length];
    }

    private RuleWriteError WriteFile(CString path, scoped ReadOnlySpan<byte> content, ReadOnlySpan<byte> end)
    {
        using var file = OpenFile(path);
        Errno error = Errno.Of(file.Number)
            && RegularFile.WriteAt(file.Number, 0, content)
            && RegularFile.WriteAt(file.Number, content.Length, end);
        return error.Failed ? new RuleWriteError("unable to openwritenclose_unsafe "u8, path, error) : default;
    }

    private Descriptor OpenFile(CString path) =>
        Descriptor.Open(root, path, LibC.O_WRONLY | LibC.O_CREAT | LibC.O_TRUNC | LibC.O_NOFOLLOW, FileMode & ~umask);

    private static CString Below(CString path, ReadOnlySpan<byte> name) => Arena.CString(Bytes.OfC(path), "/"u8, name);
}
