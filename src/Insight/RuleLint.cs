using System;
using LocalService.Access;
using LocalService.Cdb;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;
using LocalService.Rules;

namespace LocalService.Insight;

/// <summary>
/// Problems with rules, a line each: rules that no gate would find or could read, rules that others may write, and rules with another effect than
/// they seem to have. The user that the gate runs as should run it.
/// </summary>
/// <param name="diagnostics">For messages about the run itself.</param>
/// <param name="rules">The rules.</param>
internal ref struct RuleLint(Diagnostics diagnostics, RuleSource rules)
{
    private const uint WritableByOthers = 0x12; // 0022
    private const int LongestPath = 4096;

    private readonly Diagnostics diagnostics = diagnostics;
    private readonly RuleSource source = rules;
    private readonly PeerCredentials self = PeerCredentials.OfThisProcess;
    private bool found;
    private bool isFirstLook;
    private bool hasAllV4;
    private bool hasAllV6;
    private bool hasUserSelf;
    private bool hasGroupSelf;
    private bool hasGroupMark;
    private bool hasLabelMark;
    private Errno outputError;
    private Errno shortage;

    /// <summary>Checks all rules. Exit code 1 if there is a problem, 111 if the rules can't be checked.</summary>
    internal Outcome Run()
    {
        unsafe
        {
            Outcome outcome = source.IsDatabase ? LintDatabase(source.Path) : LintDirectory(source.Path);
            if (outcome.Code != ExitCode.Success)
                return outcome;
            if (shortage.Failed)
                return diagnostics.Fatal(shortage, "unable to read all rules in "u8, Bytes.OfC(source.Path));
        }
        if (outputError.Failed)
            return diagnostics.Fatal(outputError, "unable to write to standard output"u8);
        return Outcome.Exit(found ? 1 : ExitCode.Success);
    }

    private void Report(scoped ReadOnlySpan<byte> where, scoped ReadOnlySpan<byte> file, scoped ReadOnlySpan<byte> what, Errno error = default)
    {
        // A lack of resources in this process is not a problem of the rules.
        if (BackOff.IsExhaustion(error))
        {
            shortage = error;
            return;
        }
        found = true;
        var line = new Line(libc.STDOUT_FILENO, stackalloc byte[Line.BufferSize]);
        line.Add(where, file.IsEmpty ? default : "/"u8);
        line.Add(file, ": "u8);
        line.Add(what, error.Failed ? error.Text : default);
        line.End();
        if (line.Error.Failed)
            outputError = line.Error;
    }

    // ---- directories

    private unsafe Outcome LintDirectory(CString path)
    {
        fixed (byte* top = "/\0"u8)
        {
            using var root = Descriptor.Open(LibC.AT_FDCWD, path.IsEmpty ? top : path, LibC.O_RDONLY | LibC.O_DIRECTORY);
            if (root.Number < 0)
                return diagnostics.Fatal(Errno.Last, "unable to read rules "u8, Bytes.OfC(path));
            CheckWritable(FileStatus.OfDescriptor(root.Number), Bytes.OfC(path), default);
            // The first look finds the rules that hide others, the second checks everything.
            isFirstLook = true;
            Outcome outcome = LintKinds(root.Number, Bytes.OfC(path));
            isFirstLook = false;
            return outcome.Code != ExitCode.Success ? outcome : LintKinds(root.Number, Bytes.OfC(path));
        }
    }

    private unsafe Outcome LintKinds(int root, ReadOnlySpan<byte> path)
    {
        using var directory = Descriptor.Open(root, Dot, LibC.O_RDONLY | LibC.O_DIRECTORY);
        var kinds = new DirectoryNames();
        Errno error = directory.Number < 0 ? Errno.Last : kinds.Read(directory.Number);
        for (int i = 0; !error.Failed && i < kinds.Count; i++)
        {
            using var kind = Descriptor.Open(root, kinds[i], LibC.O_RDONLY | LibC.O_DIRECTORY);
            ReadOnlySpan<byte> name = Bytes.OfC(kinds[i]);
            if (!isFirstLook && !IsKind(name))
                Report(path, name, "odd name: no gate looks for rules of this kind"u8);
            if (kind.Number < 0)
            {
                if (!isFirstLook)
                    Report(path, name, "unreadable: "u8, Errno.Last);
                continue;
            }
            if (!isFirstLook)
                CheckWritable(FileStatus.OfDescriptor(kind.Number), path, name);
            if (IsKind(name))
                error = LintNames(root, kind.Number, path, name);
        }
        kinds.Free();
        return error.Failed ? diagnostics.Fatal(error, "unable to read rules "u8, path) : Outcome.Exit(ExitCode.Success);
    }

    private unsafe Errno LintNames(int root, int kind, ReadOnlySpan<byte> path, ReadOnlySpan<byte> kindName)
    {
        var names = new DirectoryNames();
        var allowance = new Allowance();
        var buffer = new ByteBuffer();
        Errno error = names.Read(kind);
        for (int i = 0; !error.Failed && i < names.Count; i++)
        {
            buffer.Clear();
            error = buffer.Add(kindName) && buffer.Add((byte)'/') && buffer.Add(Bytes.OfC(names[i])) && buffer.Add(0);
            if (error.Failed)
                break;
            ReadOnlySpan<byte> key = buffer.Content[..(buffer.Length - 1)];
            Decision decision = RuleDirectory.Read(root, buffer.Pointer, libc.R_OK, ref allowance, out RuleFile culprit);
            if (isFirstLook)
                Note(key, decision);
            else
                LintRule(root, buffer.Pointer, path, key, decision, culprit);
        }
        buffer.Free();
        allowance.Free();
        names.Free();
        return error;
    }

    private unsafe void LintRule(int root, CString rulePath, ReadOnlySpan<byte> path, ReadOnlySpan<byte> key, Decision decision, RuleFile culprit)
    {
        CheckKey(path, key);
        if (decision.Verdict == Verdict.NoRule)
            Report(path, key, "neither allow nor deny: the search goes on as if it weren't there"u8);
        if (decision.Error.Failed)
        {
            ReadOnlySpan<byte> file = culprit switch
            {
                RuleFile.Deny => "unreadable: deny: "u8,
                RuleFile.Environment => "unreadable: env: "u8,
                RuleFile.Script => "unreadable: exec: "u8,
                _ => "unreadable: allow: "u8,
            };
            Report(path, key, file, decision.Error);
        }
        using var rule = Descriptor.Open(root, rulePath, LibC.O_RDONLY | LibC.O_DIRECTORY);
        if (rule.Number < 0)
        {
            if (!decision.Error.Failed)
                Report(path, key, "unreadable: "u8, Errno.Last);
            return;
        }
        CheckWritable(FileStatus.OfDescriptor(rule.Number), path, key);
        var names = new DirectoryNames();
        Errno error = names.Read(rule.Number);
        if (error.Failed)
            Report(path, key, "unreadable: "u8, error);
        bool allows = false;
        bool denies = false;
        for (int i = 0; i < names.Count; i++)
        {
            ReadOnlySpan<byte> name = Bytes.OfC(names[i]);
            allows |= name.SequenceEqual("allow"u8);
            denies |= name.SequenceEqual("deny"u8);
            bool isPart = name.SequenceEqual("env"u8) || name.SequenceEqual("exec"u8);
            CheckPart(rule.Number, names[i], path, key);
            if (!isPart && !name.SequenceEqual("allow"u8) && !name.SequenceEqual("deny"u8))
                ReportPart(path, key, name, "odd name: no gate looks for it"u8);
            if (isPart && decision.Verdict == Verdict.Deny)
                ReportPart(path, key, name, "never used: the rule denies"u8);
            if (name.SequenceEqual("env"u8))
                LintEnvironment(rule.Number, names[i], path, key);
        }
        names.Free();
        if (allows && denies)
            Report(path, key, "both allow and deny: allow counts"u8);
    }

    private unsafe void LintEnvironment(int rule, CString name, ReadOnlySpan<byte> path, ReadOnlySpan<byte> key)
    {
        using var directory = Descriptor.Open(rule, name, LibC.O_RDONLY | LibC.O_DIRECTORY);
        var names = new DirectoryNames();
        var inRule = new Line(-1, stackalloc byte[LongestPath]);
        inRule.Add(key, "/env"u8);
        scoped ReadOnlySpan<byte> where = inRule.Text;
        Span<byte> content = stackalloc byte[EnvironmentFormat.StandardLargestFile + 1];
        Errno error = directory.Number < 0 ? default : names.Read(directory.Number);
        for (int i = 0; !error.Failed && i < names.Count; i++)
        {
            ReadOnlySpan<byte> variable = Bytes.OfC(names[i]);
            CheckPart(directory.Number, names[i], path, where);
            if (variable.IndexOf((byte)'=') >= 0)
                ReportPart(path, where, variable, "odd name: a variable can't be called so, it is ignored"u8);
            Result<int> size = RegularFile.Read(directory.Number, names[i], content);
            if (size.Failed)
                continue; // the gate can't read it either, which was reported
            ReadOnlySpan<byte> value = content[..size.Value];
            int end = value.IndexOf((byte)'\n');
            if (end < 0 && size.Value > EnvironmentFormat.StandardLargestFile)
                ReportPart(path, where, variable, "environment is cut: only the first 4095 bytes count"u8);
            else if (end >= 0 && end < size.Value - 1)
                ReportPart(path, where, variable, "environment is cut: only the first line counts"u8);
        }
        names.Free();
    }

    private void ReportPart(scoped ReadOnlySpan<byte> path, scoped ReadOnlySpan<byte> key, scoped ReadOnlySpan<byte> part, ReadOnlySpan<byte> what)
    {
        var text = new Line(-1, stackalloc byte[LongestPath]);
        text.Add(key, "/"u8);
        text.Add(part);
        Report(path, text.Text, what);
    }

    private unsafe void CheckPart(int directory, CString name, scoped ReadOnlySpan<byte> path, scoped ReadOnlySpan<byte> key)
    {
        if (IsWritableByOthers(FileStatus.Of(directory, name)))
            ReportPart(path, key, Bytes.OfC(name), "may be written by others"u8);
    }

    // ---- databases

    private unsafe Outcome LintDatabase(CString path)
    {
        CheckWritable(FileStatus.Of(path), Bytes.OfC(path), default);
        Errno error = CdbFile.Open(path, Arena.Allocate(CdbFile.WindowSize), out CdbFile database);
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to read rules "u8, Bytes.OfC(path));
        isFirstLook = true;
        error = LintRecords(ref database, Bytes.OfC(path));
        isFirstLook = false;
        error = error && LintRecords(ref database, Bytes.OfC(path));
        Result<RuleChecksums> checksums = RuleChecksums.Of(ref database);
        Errno damage = checksums.Failed ? checksums.Error : checksums.Value.VerifyAll(ref database);
        if (damage.Failed)
            Report(Bytes.OfC(path), default, "contents differ from their checksums: "u8, damage);
        database.Close();
        if (error.Failed && !error.Is(CdbSource.Damaged.Number))
            return diagnostics.Fatal(error, "unable to read rules "u8, Bytes.OfC(path));
        if (error.Failed)
            Report(Bytes.OfC(path), default, "not a sound database: "u8, error);
        return Outcome.Exit(ExitCode.Success);
    }

    private Errno LintRecords(ref CdbFile database, ReadOnlySpan<byte> path)
    {
        Result<CdbWalk> start = CdbWalk.Of(ref database);
        if (start.Failed)
            return start.Error;
        CdbWalk walk = start.Value;
        Span<byte> key = stackalloc byte[StoredRule.LongestKey];
        while (walk.HasNext)
        {
            Result<CdbRecord> record = walk.Next(ref database);
            if (record.Failed)
                return record.Error;
            if (record.Value.KeyLength > StoredRule.LongestKey)
            {
                Report(path, default, "odd name: the key of a record is longer than any that is looked for"u8);
                continue;
            }
            var length = (int)record.Value.KeyLength;
            Errno error = database.View(record.Value.KeyOffset, length, out ReadOnlySpan<byte> bytes);
            if (error.Failed)
                return error;
            bytes.CopyTo(key);
            ReadOnlySpan<byte> name = key[..length];
            ReadOnlySpan<byte> marked = RuleMark.KindOf(name);
            hasGroupMark |= marked.SequenceEqual(PeerKeys.GroupKind);
            hasLabelMark |= marked.SequenceEqual(PeerKeys.LabelKind);
            if (name.SequenceEqual(RuleChecksums.Key) || !marked.IsEmpty)
                continue;
            bool isSound = StoredRule.Read(ref database, record.Value, out StoredRule rule, out error);
            if (error.Failed)
                return error;
            if (isFirstLook)
            {
                Note(name, new Decision(isSound && !rule.IsAllow ? Verdict.Deny : Verdict.Allow));
                continue;
            }
            if (!isSound)
                Report(path, name, "unreadable: neither an allow nor a deny record"u8);
            else if (!rule.IsAllow && !(rule.Edits.IsEmpty && rule.Script.IsEmpty))
                Report(path, name, "env or exec are never used: the rule denies"u8);
            CheckKey(path, name);
            Result<CdbRecord> first = CdbLookup.Find(ref database, name);
            if (first.Failed || first.Value.DataOffset != record.Value.DataOffset)
                Report(path, name, "never reached: another record of this key is found first"u8);
        }
        return default;
    }

    // ---- both

    /// <summary>Records rules that leave no client to other rules.</summary>
    private void Note(scoped ReadOnlySpan<byte> key, Decision decision)
    {
        if (decision.Verdict == Verdict.NoRule)
            return;
        hasAllV4 |= key.SequenceEqual("ip4/0.0.0.0_0"u8);
        hasAllV6 |= key.SequenceEqual("ip6/::_0"u8);
        hasUserSelf |= key.SequenceEqual("uid/self"u8);
        hasGroupSelf |= key.SequenceEqual("gid/self"u8);
    }

    private static bool IsKind(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("uid"u8) || name.SequenceEqual("gid"u8) || name.SequenceEqual("ip4"u8) || name.SequenceEqual("ip6"u8) || name.SequenceEqual("reversedns"u8)
        || name.SequenceEqual(PeerKeys.GroupKind) || name.SequenceEqual(PeerKeys.LabelKind) || name.SequenceEqual("user"u8); // the last one is for the compiler

    private void CheckKey(scoped ReadOnlySpan<byte> path, scoped ReadOnlySpan<byte> key)
    {
        int slash = key.IndexOf((byte)'/');
        ReadOnlySpan<byte> kind = slash < 0 ? key : key[..slash];
        ReadOnlySpan<byte> name = slash < 0 ? default : key[(slash + 1)..];
        if (slash < 0 || !IsKind(kind))
            Report(path, key, "odd name: no gate looks for it"u8);
        else if (kind.SequenceEqual("uid"u8) || kind.SequenceEqual("gid"u8))
            CheckId(path, key, kind, name);
        else if (kind.SequenceEqual("ip4"u8) || kind.SequenceEqual("ip6"u8))
            CheckNetwork(path, key, kind, name);
        else if (kind.SequenceEqual("reversedns"u8))
            CheckName(path, key, name);
        else if (kind.SequenceEqual(PeerKeys.GroupKind))
            CheckGroup(path, key, name);
        else if (kind.SequenceEqual(PeerKeys.LabelKind))
            CheckLabel(path, key, name);
        else if (source.IsDatabase)
            Report(path, key, "never reached: gates look up numbers only"u8);
    }

    private void CheckId(scoped ReadOnlySpan<byte> path, scoped ReadOnlySpan<byte> key, scoped ReadOnlySpan<byte> kind, scoped ReadOnlySpan<byte> name)
    {
        bool isUser = kind.SequenceEqual("uid"u8);
        if (name.SequenceEqual("self"u8) || (isUser && name.SequenceEqual("default"u8)))
            return;
        if (!Numbers.TryParse(name, out uint id) || !name.SequenceEqual(Numbers.Decimal(id, stackalloc byte[Numbers.LongestText])))
            Report(path, key, name.SequenceEqual("default"u8) ? "never reached: only uid/default is looked for"u8 : "odd name: neither a number nor a word that is looked for"u8);
        else if (isUser ? hasUserSelf && id == self.UserId : hasGroupSelf && id == self.GroupId)
            Report(path, key, "never reached by a gate of this user: self comes first"u8);
    }

    private void CheckGroup(scoped ReadOnlySpan<byte> path, scoped ReadOnlySpan<byte> key, scoped ReadOnlySpan<byte> name)
    {
        // Names are for the compiler.
        bool isNumber = Numbers.TryParse(name, out uint id);
        if (isNumber && !name.SequenceEqual(Numbers.Decimal(id, stackalloc byte[Numbers.LongestText])))
            Report(path, key, "odd name: neither a number nor a word that is looked for"u8);
        else if (!isNumber && source.IsDatabase)
            Report(path, key, "never reached: gates look up numbers only"u8);
        else if (source.IsDatabase && !hasGroupMark)
            Report(path, key, Unmarked);
    }

    private void CheckLabel(scoped ReadOnlySpan<byte> path, scoped ReadOnlySpan<byte> key, scoped ReadOnlySpan<byte> name)
    {
        if (!PeerLabel.IsUsable(name))
            Report(path, key, "odd name: no label is looked for that has control bytes or begins with a dot"u8);
        else if (source.IsDatabase && !hasLabelMark)
            Report(path, key, Unmarked);
    }

    private static ReadOnlySpan<byte> Unmarked => "never reached: the compiler has left no mark that there are rules of this kind"u8;

    private void CheckNetwork(scoped ReadOnlySpan<byte> path, scoped ReadOnlySpan<byte> key, scoped ReadOnlySpan<byte> kind, scoped ReadOnlySpan<byte> name)
    {
        int mark = name.IndexOf((byte)'_');
        if (mark < 0 || !IpAddressText.TryParse(name[..mark], out IpAddress address) || !Numbers.TryParse(name[(mark + 1)..], out uint length)
            || address.IsV4 != kind.SequenceEqual("ip4"u8) || length > 8 * (uint)address.Size)
        {
            Report(path, key, "odd name: not NETWORK_LENGTH"u8);
            return;
        }
        Span<byte> buffer = stackalloc byte[AddressKeys.LongestKey];
        var keys = new AddressKeys(address);
        scoped ReadOnlySpan<byte> expected = default;
        for (uint i = 8 * (uint)address.Size; ; i--)
        {
            if (!keys.Next(buffer, out expected) || i == length)
                break;
        }
        if (!expected.SequenceEqual(key))
            ReportInstead(path, key, expected);
    }

    private void CheckName(scoped ReadOnlySpan<byte> path, scoped ReadOnlySpan<byte> key, scoped ReadOnlySpan<byte> name)
    {
        if (hasAllV4 && hasAllV6)
            Report(path, key, "never reached: every address has a rule"u8);
        if (name.SequenceEqual("@"u8))
            return;
        bool isOdd = name.IsEmpty || name.Length > NameKeys.LongestName || name[^1] == (byte)'.' || name[0] == (byte)'.';
        for (int i = 0; i < name.Length; i++)
            isOdd |= name[i] is <= (byte)' ' or > (byte)'~' or (>= (byte)'A' and <= (byte)'Z');
        if (isOdd)
            Report(path, key, "never reached: names are looked for in small letters, without a dot at the end"u8);
    }

    private void ReportInstead(scoped ReadOnlySpan<byte> path, scoped ReadOnlySpan<byte> key, scoped ReadOnlySpan<byte> expected)
    {
        var text = new Line(-1, stackalloc byte[LongestPath]);
        text.Add("never reached: what is looked for is called "u8, expected);
        Report(path, key, text.Text);
    }

    private void CheckWritable(Result<FileStatus> status, ReadOnlySpan<byte> path, ReadOnlySpan<byte> file)
    {
        if (IsWritableByOthers(status))
            Report(path, file, "may be written by others"u8);
    }

    /// <summary>Whether a user other than root and this one may change the file, as its owner or by its mode.</summary>
    private readonly bool IsWritableByOthers(Result<FileStatus> status) =>
        !status.Failed && ((status.Value.OwnerId != 0 && status.Value.OwnerId != self.UserId) || (status.Value.Mode & WritableByOthers) != 0);

    private static unsafe byte* Dot
    {
        get
        {
            fixed (byte* dot = ".\0"u8) // a constant of the executable, with a fixed address
                return dot;
        }
    }
}
