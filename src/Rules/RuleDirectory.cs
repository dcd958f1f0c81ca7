using System;
using LocalService.Libc;
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

/// <summary>Rules in a directory, a subdirectory for each key. Specification "access", section 3, with decision 1.</summary>
internal readonly unsafe struct RuleDirectory : IRuleSet
{
    private const int LongestKey = 511; // two names with a slash between them

    private readonly int descriptor;

    private RuleDirectory(int descriptor) => this.descriptor = descriptor;

    /// <summary>Opens a rules directory; the empty path is the root directory.</summary>
    internal static Errno Open(byte* path, out RuleDirectory rules)
    {
        fixed (byte* root = "/\0"u8)
            rules = new RuleDirectory(OpenAt(libc.AT_FDCWD, *path == 0 ? root : path));
        return Errno.Of(rules.descriptor);
    }

    public Decision Look(ReadOnlySpan<byte> key, ref Allowance allowance)
    {
        Span<byte> path = stackalloc byte[LongestKey + 1];
        if (key.Length > LongestKey)
            return new Decision(new Errno(libc.ENAMETOOLONG));
        key.CopyTo(path);
        path[key.Length] = 0;
        fixed (byte* name = path)
            return Read(descriptor, name, libc.R_OK, ref allowance, out _);
    }

    /// <summary>
    /// Reads a rule. Only what doesn't exist is no rule, or no part of one: whatever else keeps a file from being read is an error, for
    /// otherwise a denial that can't be read would let a client in. So is a dangling link in the place of <c>deny</c>, <c>env</c> or
    /// <c>exec</c> (EIDRM), and a script longer than <see cref="Allowance.LongestScript"/> (EFBIG).
    /// </summary>
    /// <param name="directory">What the path starts from.</param>
    /// <param name="path">The directory of the rule.</param>
    /// <param name="access">
    /// What <c>allow</c> and <c>deny</c> are asked for: R_OK or F_OK. The real ids count, as access(2) has it; where the effective ones
    /// may do more, this can only refuse.
    /// </param>
    /// <param name="allowance">Gets what an allow brings with it.</param>
    /// <param name="culprit">The file that caused an error.</param>
    internal static Decision Read(int directory, byte* path, int access, ref Allowance allowance, out RuleFile culprit)
    {
        culprit = RuleFile.Allow;
        using var rule = new Descriptor(OpenAt(directory, path));
        Errno error = Errno.Of(rule.Number);
        if (error.Failed)
            return error.Is(libc.ENOENT) ? new Decision(Verdict.NoRule) : new Decision(error);
        fixed (byte* name = "allow\0"u8)
            error = Errno.Of(libc.faccessat(rule.Number, name, access));
        if (!error.Failed)
            return ReadAllowance(rule.Number, ref allowance, out culprit);
        if (!error.Is(libc.ENOENT))
            return new Decision(error);
        culprit = RuleFile.Deny;
        fixed (byte* name = "deny\0"u8)
            error = Missing(rule.Number, name, Errno.Of(libc.faccessat(rule.Number, name, access)));
        if (!error.Failed)
            return new Decision(Verdict.Deny);
        return error.Is(libc.ENOENT) ? new Decision(Verdict.NoRule) : new Decision(error);
    }

    internal void Close() => _ = libc.close(descriptor);

    private static Decision ReadAllowance(int rule, ref Allowance allowance, out RuleFile culprit)
    {
        culprit = RuleFile.Environment;
        Errno error;
        fixed (byte* name = "env\0"u8)
            error = Missing(rule, name, allowance.ReadEdits(rule, name));
        if (error.Failed && !error.Is(libc.ENOENT))
            return new Decision(error);
        culprit = RuleFile.Script;
        Span<byte> script = stackalloc byte[Allowance.LongestScript + 1];
        Result<int> size;
        fixed (byte* name = "exec\0"u8)
        {
            size = RegularFile.Read(rule, name, script);
            error = Missing(rule, name, size.Error);
        }
        if (error.Is(libc.ENOENT))
            return new Decision(Verdict.Allow);
        if (error.Failed)
            return new Decision(error);
        if (size.Value > Allowance.LongestScript)
            return new Decision(new Errno(libc.EFBIG));
        error = allowance.SetScript(script[..size.Value]);
        return error.Failed ? new Decision(error) : new Decision(Verdict.Allow);
    }

    /// <summary>Tells a dangling link from a file that isn't there: turns its ENOENT into EIDRM. Other errors stay.</summary>
    private static Errno Missing(int directory, byte* name, Errno error) =>
        error.Is(libc.ENOENT) && !FileStatus.OfLink(directory, name).Failed ? new Errno(libc.EIDRM) : error;

    private static int OpenAt(int directory, byte* path) =>
        libc.openat(directory, path, libc.O_PATH | libc.O_DIRECTORY | libc.O_CLOEXEC, 0);
}
