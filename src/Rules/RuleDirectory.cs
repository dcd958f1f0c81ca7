using System;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Rules;

/// <summary>The files of a rule in a directory.</summary>
internal enum RuleFile
{
    Allow,
    Deny,
    Environment,
    Script,
}

/// <summary>
/// Rules in a directory, a subdirectory for each key. Specification "access", section 3, with decision 1: only a file that doesn't exist means no
/// rule, or no part of one. Any other reason why a file can't be read is an error, because otherwise a denial that can't be read would let a client
/// in. A dangling link instead of a rule, its kind, <c>deny</c>, <c>env</c> or <c>exec</c> doesn't count as missing: EIDRM.
/// </summary>
internal readonly unsafe struct RuleDirectory : IRuleSet
{
    private const int LongestKey = 511; // two names with a slash between them

    private readonly CString path;
    private readonly int descriptor;

    private RuleDirectory(CString path)
    {
        this.path = path;
        using var opened = Descriptor.Open(LibC.AT_FDCWD, path, LibC.O_PATH | LibC.O_DIRECTORY);
        descriptor = opened.Release();
    }

    /// <summary>Opens a rules directory; the empty path is the root directory. ENOENT when there is nothing at the path.</summary>
    internal static Errno Open(CString path, out RuleDirectory rules)
    {
        fixed (byte* root = "/\0"u8) // a constant of the executable: it doesn't move
            rules = new RuleDirectory(path.IsEmpty ? root : path);
        return Missing(LibC.AT_FDCWD, rules.path, Errno.Of(rules.descriptor));
    }

    public Decision Look(ReadOnlySpan<byte> key, ref Allowance allowance) => Look(key, ref allowance, out _);

    public Result<bool> HasKind(ReadOnlySpan<byte> kind)
    {
        Result<FileStatus> status = FindKind(kind);
        if (status.Error.Is(libc.ENOENT))
            return false;
        if (status.Failed)
            return status.Error;
        return status.Value.IsDirectory ? true : new Errno(libc.ENOTDIR);
    }

    /// <summary>The same, with the file that caused an error.</summary>
    internal Decision Look(ReadOnlySpan<byte> key, ref Allowance allowance, out RuleFile culprit)
    {
        culprit = RuleFile.Allow;
        Span<byte> name = stackalloc byte[LongestKey + 1];
        if (key.Length > LongestKey)
            return new Decision(new Errno(libc.ENAMETOOLONG));
        key.CopyTo(name);
        name[key.Length] = 0;
        fixed (byte* rule = name)
            return Read(descriptor, rule, libc.R_OK, ref allowance, out culprit);
    }

    /// <summary>
    /// Confirms that a decision was made on one state of the rules: everything that it depends on is checked a second time. Missing files must still
    /// be missing, and the path must still lead to this directory, which must not be removed. A denial by the first key, found at once, needs no
    /// proof; any other denial only needs the directory to be still there.
    /// </summary>
    /// <param name="decision">The decision.</param>
    /// <param name="keys">The keys, from the first one.</param>
    /// <param name="looked">How many of them were looked up without ending the search.</param>
    /// <param name="allowance">Has the additions of an allow.</param>
    /// <returns>The decision; EBUSY when the rules have changed meanwhile; or why that can't be found out.</returns>
    internal Decision Confirm<TKeys>(Decision decision, TKeys keys, int looked, ref Allowance allowance) where TKeys : struct, IRuleKeys
    {
        if (looked == 0 && decision.Verdict == Verdict.Deny)
            return decision;
        Errno error = FindOutWhetherStill(descriptor, LibC.AT_FDCWD, path);
        if (error.Failed || decision.Error.Failed)
            return error.Failed ? new Decision(error) : decision;
        bool isByKey = decision.Verdict is Verdict.Allow or Verdict.Deny;
        ReadOnlySpan<byte> decisive = isByKey ? RuleSearch.DecidingKey(decision, keys, stackalloc byte[TKeys.LongestKey]) : default;
        if (TKeys.HaveKinds && isByKey && looked > decision.KeyIndex + 1)
        {
            // An allow that has waited for other keys: it has to hold after their first look-up, and before the second one.
            allowance.Clear();
            Decision again = Look(decisive, ref allowance);
            if (again.Verdict != Verdict.Allow)
                return again.Error.Failed ? again : new Decision(new Errno(libc.EBUSY));
        }
        ReadOnlySpan<byte> kind = isByKey ? KindOf(decisive) : default;
        var others = new Allowance(); // its content isn't used: a rule where there was none is a change
        Span<byte> buffer = stackalloc byte[TKeys.LongestKey];
        for (int index = 0; !error.Failed && index < looked && keys.Next(buffer, out ReadOnlySpan<byte> key); index++)
        {
            if (TKeys.HaveKinds && key[^1] == (byte)'/')
            {
                if (decision.Verdict == Verdict.Deny)
                    continue;
                Result<bool> hasRules = HasKind(key[..^1]);
                error = hasRules.Failed || hasRules.Value == keys.HasRules ? hasRules.Error : new Errno(libc.EBUSY);
                continue;
            }
            if (!(TKeys.HaveKinds && keys.IsAmongEquals) && !KindOf(key).SequenceEqual(kind))
                error = FindOutWhetherKindDangles(KindOf(key));
            if (error.Failed || decision.Verdict == Verdict.Deny || (isByKey && index == decision.KeyIndex))
                continue;
            Decision now = Look(key, ref others);
            bool mayAllow = isByKey && index > decision.KeyIndex;
            error = now.Verdict == Verdict.Deny || (now.Verdict == Verdict.Allow && !mayAllow) ? new Errno(libc.EBUSY) : now.Error;
        }
        others.Free();
        return error.Failed ? new Decision(error) : decision;
    }

    /// <summary>Reads a rule.</summary>
    /// <param name="directory">The directory that the path starts from.</param>
    /// <param name="path">The directory of the rule.</param>
    /// <param name="access">
    /// The access to <c>allow</c> and <c>deny</c> that is checked: R_OK or F_OK. The real ids count, as in access(2); where the effective ones may do
    /// more, this can only refuse.
    /// </param>
    /// <param name="allowance">Receives the additions of an allow.</param>
    /// <param name="culprit">The file that caused an error.</param>
    /// <returns>
    /// The decision of the rule. EBUSY when the rule was replaced while it was read, EIDRM for a dangling link, EFBIG for a script longer than
    /// <see cref="Allowance.LongestScript"/>.
    /// </returns>
    internal static Decision Read(int directory, CString path, int access, ref Allowance allowance, out RuleFile culprit)
    {
        culprit = RuleFile.Allow;
        // Without following a link, so that only ENOENT means that there is no rule.
        using var found = Descriptor.Open(directory, path, LibC.O_PATH | LibC.O_NOFOLLOW);
        Errno error = Errno.Of(found.Number);
        if (error.Failed)
            return error.Is(libc.ENOENT) ? new Decision(Verdict.NoRule) : new Decision(error);
        error = Check(found.Number, "allow\0"u8, access);
        if (!error.Is(libc.ENOTDIR))
            return Judge(found.Number, directory, path, error, access, ref allowance, out culprit);
        // A link to a directory; or neither, which this call reports.
        using var rule = Descriptor.Open(directory, path, LibC.O_PATH | LibC.O_DIRECTORY);
        error = Vanished(Errno.Of(rule.Number));
        return error.Failed
            ? new Decision(error)
            : Judge(rule.Number, directory, path, Check(rule.Number, "allow\0"u8, access), access, ref allowance, out culprit);
    }

    /// <summary>Checks that a path still leads to a directory that was opened by it, and that the directory has not been removed.</summary>
    /// <returns>EBUSY when the path leads elsewhere, or nowhere; EIDRM when the directory is removed; or why that can't be found out.</returns>
    internal static Errno FindOutWhetherStill(int opened, int parent, CString path)
    {
        Result<FileStatus> own = FileStatus.OfDescriptor(opened);
        if (own.Failed)
            return own.Error;
        Result<FileStatus> now = FileStatus.Of(parent, path);
        if (now.Failed)
            return now.Error.Is(libc.ENOENT) ? new Errno(libc.EBUSY) : now.Error;
        if (!own.Value.IsSameFileAs(now.Value))
            return new Errno(libc.EBUSY);
        return own.Value.LinkCount == 0 ? new Errno(libc.EIDRM) : default;
    }

    internal void Close() => _ = libc.close(descriptor);

    private static Decision Judge(
        int rule, int directory, CString path, Errno notAllowed, int access, ref Allowance allowance, out RuleFile culprit)
    {
        culprit = RuleFile.Allow;
        if (notAllowed.Failed && !notAllowed.Is(libc.ENOENT))
            return new Decision(notAllowed);
        if (notAllowed.Failed)
        {
            culprit = RuleFile.Deny;
            Errno notDenied;
            fixed (byte* name = "deny\0"u8)
                notDenied = Missing(rule, name, FileAccess.Check(rule, name, access));
            if (!notDenied.Failed)
                return new Decision(Verdict.Deny);
            return Confirm(rule, directory, path, notDenied.Is(libc.ENOENT) ? new Decision(Verdict.NoRule) : new Decision(notDenied));
        }
        Errno error = ReadAllowance(rule, ref allowance, out culprit);
        return Confirm(rule, directory, path, error.Failed ? new Decision(error) : new Decision(Verdict.Allow));
    }

    /// <summary>The decision of a rule, unless missing files, or errors, may be due to the removal of the rule.</summary>
    private static Decision Confirm(int rule, int directory, CString path, Decision decision)
    {
        Errno error = FindOutWhetherStill(rule, directory, path);
        return error.Failed ? new Decision(error) : decision;
    }

    private static Errno ReadAllowance(int rule, ref Allowance allowance, out RuleFile culprit)
    {
        culprit = RuleFile.Environment;
        Errno error;
        fixed (byte* name = "env\0"u8)
        {
            error = FileStatus.OfLink(rule, name).Error && Vanished(allowance.ReadEdits(rule, name));
        }
        if (error.Failed && !error.Is(libc.ENOENT))
            return error;
        culprit = RuleFile.Script;
        fixed (byte* name = "exec\0"u8)
        {
            error = FileStatus.OfLink(rule, name).Error && Vanished(allowance.ReadScript(rule, name));
        }
        return error.Is(libc.ENOENT) ? default : error;
    }

    private static Errno Check(int directory, ReadOnlySpan<byte> file, int access)
    {
        fixed (byte* name = file)
            return FileAccess.Check(directory, name, access);
    }

    /// <summary>ENOENT for a file that was seen before doesn't mean that there is none: it is a dangling link, or was removed meanwhile.</summary>
    private static Errno Vanished(Errno error) => error.Is(libc.ENOENT) ? new Errno(libc.EIDRM) : error;

    /// <summary>
    /// Makes sure that ENOENT means a missing file: a dangling link gives EIDRM, a file that has appeared meanwhile EBUSY. Other errors stay.
    /// </summary>
    private static Errno Missing(int directory, CString name, Errno error)
    {
        if (!error.Is(libc.ENOENT))
            return error;
        Result<FileStatus> there = FileStatus.OfLink(directory, name);
        return there.Failed ? there.Error : new Errno(there.Value.IsSymbolicLink ? libc.EIDRM : libc.EBUSY);
    }

    private static ReadOnlySpan<byte> KindOf(ReadOnlySpan<byte> key) => key[..key.IndexOf((byte)'/')];

    /// <summary>EIDRM when the directory of a kind is a dangling link, so that its rules seem to be missing.</summary>
    private Errno FindOutWhetherKindDangles(ReadOnlySpan<byte> kind)
    {
        Errno error = FindKind(kind).Error;
        return error.Is(libc.ENOENT) ? default : error;
    }

    /// <summary>The file at the place of a kind. ENOENT when there is none, EIDRM for a dangling link.</summary>
    private Result<FileStatus> FindKind(ReadOnlySpan<byte> kind)
    {
        Span<byte> name = stackalloc byte[LongestKey + 1];
        kind.CopyTo(name);
        name[kind.Length] = 0;
        fixed (byte* directory = name)
        {
            Result<FileStatus> status = FileStatus.OfLink(descriptor, directory);
            if (status.Failed || !status.Value.IsSymbolicLink)
                return status;
            status = FileStatus.Of(descriptor, directory);
            return status.Failed ? Vanished(status.Error) : status;
        }
    }
}
