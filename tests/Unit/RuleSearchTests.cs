using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using LocalService.Access;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;
using LocalService.Rules;
using Xunit;

namespace LocalService.Tests.Unit;

public sealed unsafe class RuleSearchTests : IDisposable
{
    private static readonly PeerCredentials self = new(0, 0);

    private readonly DirectoryInfo rules = Directory.CreateTempSubdirectory("localservice-test-");

    public void Dispose() => rules.Delete(recursive: true);

    [Theory]
    [InlineData(1000u, 1001u, "uid/1000 gid/1001 uid/default")]
    [InlineData(0u, 1001u, "uid/self uid/0 gid/1001 uid/default")]
    [InlineData(1000u, 0u, "uid/1000 gid/self gid/0 uid/default")]
    [InlineData(0u, 0u, "uid/self uid/0 gid/self gid/0 uid/default")]
    [InlineData(4294967295u, 4294967295u, "uid/4294967295 gid/4294967295 uid/default")]
    public void The_keys_come_in_order(uint user, uint group, string expected)
    {
        var keys = new PeerKeys(new PeerCredentials(user, group), self);
        var met = new List<string>();
        Span<byte> buffer = stackalloc byte[PeerKeys.LongestKey];
        while (keys.Next(buffer, out ReadOnlySpan<byte> key))
            met.Add(key.ToText());
        Assert.Equal(expected, string.Join(' ', met));
        Assert.False(keys.Next(buffer, out _));
    }

    [Theory]
    [InlineData(false, false, "uid/5 gid/6 group/ label/ uid/default")]
    [InlineData(true, false, "uid/5 gid/6 group/ group/6 group/33 group/70000 label/ uid/default")]
    [InlineData(false, true, "uid/5 gid/6 group/ label/ label/a:b uid/default")]
    [InlineData(true, true, "uid/5 gid/6 group/ group/6 group/33 group/70000 label/ label/a:b uid/default")]
    public void Groups_and_labels_are_keys_where_there_are_such_rules(bool hasGroups, bool hasLabels, string expected)
    {
        var identity = new PeerIdentity(-1);
        Assert.False(identity.Give([70000, 33, 6, 33], "a:b"u8, hasLabel: true).Failed);
        var keys = new PeerKeys(new PeerCredentials(5, 6), self, &identity);
        Span<byte> buffer = stackalloc byte[PeerKeys.LongestKey];
        // The identity keeps its lookups: the keys are generated again for the second look and for the message.
        for (int repetition = 0; repetition < 2; repetition++)
        {
            PeerKeys once = keys;
            var met = new List<string>();
            while (once.Next(buffer, out ReadOnlySpan<byte> key))
            {
                met.Add(key.ToText());
                if (repetition == 0 && key[^1] == (byte)'/')
                    Assert.Equal(Verdict.NoRule, once.Enter(key[0] == (byte)'g' ? hasGroups : hasLabels).Verdict);
                Assert.Equal(key.StartsWith("group/"u8) && key.Length > 6, once.IsAmongEquals);
            }
            Assert.Equal(expected, string.Join(' ', met));
        }
        identity.Free();
    }

    [Fact]
    public void Groups_are_sorted_and_each_is_there_once() => Properties.ForAll(
        Properties.List(Gen.Choose(0, 300), 400), Properties.List(Gen.Choose(0, 300), 100),
        (first, more) =>
        {
            var groups = new PeerGroups();
            Assert.False(groups.Add([.. first.Select(group => (uint)group)]).Failed);
            foreach (int group in more)
                Assert.False(groups.Add((uint)group).Failed);
            Assert.Equal(first.Concat(more).Distinct().Order().Select(group => (uint)group), Enumerable.Range(0, groups.Count).Select(index => groups[index]));
            groups.Free();
        }, runs: 100);

    [Theory]
    [InlineData("system_u:system_r:httpd_t:s0", true)]
    [InlineData("docker-default (enforce)", true)]
    [InlineData("a.b", true)]
    [InlineData("\u00fc", true)]
    [InlineData("", false)]
    [InlineData(".", false)]
    [InlineData("..", false)]
    [InlineData(".a", false)]
    [InlineData("/usr/bin/x", false)]
    [InlineData("a\0b", false)]
    [InlineData("a\u001fb", false)]
    [InlineData("a\u007f", false)]
    public void A_label_is_the_name_of_a_rule_or_unusable(string label, bool isUsable)
    {
        Assert.Equal(isUsable, PeerLabel.IsUsable(label.ToBytes()));
        var identity = new PeerIdentity(-1);
        Assert.False(identity.Give([], label.ToBytes(), hasLabel: true).Failed);
        Assert.Equal(isUsable ? Verdict.NoRule : Verdict.LabelUnusable, identity.EnterLabel(hasRules: true).Verdict);
        Assert.Equal(Verdict.NoRule, identity.EnterLabel(hasRules: false).Verdict);
        identity.Free();
    }

    [Theory]
    [InlineData(255, true)]
    [InlineData(256, false)]
    [InlineData(5000, false)]
    public void A_label_has_the_length_of_a_name(int length, bool isUsable)
    {
        var identity = new PeerIdentity(-1);
        Assert.False(identity.Give([], new string('x', length).ToBytes(), hasLabel: true).Failed);
        Assert.Equal(isUsable ? Verdict.NoRule : Verdict.LabelUnusable, identity.EnterLabel(hasRules: true).Verdict);
        identity.Free();
    }

    [Fact]
    public void Records_come_back_as_they_were_written() => Properties.ForAll(
        Properties.List(Gen.Zip(Properties.Text("AB_", 5), Properties.Text("= \nx", 6)), 8), Properties.Bytes(Allowance.LongestScript),
        (variables, script) =>
        {
            string edits = string.Concat(variables.Select(variable => $"N{variable.Item1}={variable.Item2}\0"));
            var record = new ByteBuffer();
            Assert.False(RuleRecord.WriteAllow(ref record, edits.ToBytes(), script).Failed);
            var allowance = new Allowance();
            Assert.Equal(Verdict.Allow, RuleDatabase.Judge(record.Content, ref allowance).Verdict);
            Assert.Equal(edits, allowance.Edits.ToText());
            Assert.Equal(script, allowance.Script.ToArray());
            allowance.Free();
            record.Free();
        }, runs: 300);

    [Theory]
    [InlineData("D", Verdict.Deny)]
    [InlineData("Dxyz", Verdict.Deny)]
    [InlineData("Z", Verdict.Unreadable)]
    [InlineData("A\0\0\0\0", Verdict.Allow)]
    [InlineData("A\0\u0002X\0\0\0", Verdict.Allow)]
    [InlineData("", Verdict.Unreadable)]
    [InlineData("A", Verdict.Unreadable)]
    [InlineData("A\0\0\0\0x", Verdict.Unreadable)]
    [InlineData("A\0\u0003X=1\0\0", Verdict.Unreadable)] // no final NUL
    [InlineData("A\0\u0003=1\0\0\0", Verdict.Unreadable)] // no name
    [InlineData("A\u00ff\u00ff\0\0", Verdict.Unreadable)]
    public void Data_are_judged(string data, object expected)
    {
        var allowance = new Allowance();
        Assert.Equal(expected, RuleDatabase.Judge(data.ToBytes(), ref allowance).Verdict);
        allowance.Free();
    }

    [Theory]
    [InlineData("uid/0", true)]
    [InlineData("other/k", true)]
    [InlineData("uid", false)]
    [InlineData("/uid", false)]
    [InlineData("uid/", false)]
    [InlineData("../x", false)]
    [InlineData("uid/..", false)]
    [InlineData("uid/.x", false)]
    [InlineData("uid/a/b", false)]
    [InlineData("uid/a\0b", false)]
    [InlineData("", false)]
    public void Only_two_file_names_are_a_key(string key, bool expected) => Assert.Equal(expected, StoredRule.IsValidKey(key.ToBytes()));

    [Theory]
    [InlineData("../X=1\0")]
    [InlineData(".X=1\0")]
    [InlineData("a/b\0")]
    public void Variables_that_cannot_be_files_are_refused(string edits)
    {
        var record = new ByteBuffer();
        Assert.False(RuleRecord.WriteAllow(ref record, edits.ToBytes(), default).Failed);
        Assert.False(StoredRule.TryParse("uid/0"u8, record.Content, out _));
        record.Free();
    }

    [Fact]
    public void An_environment_directory_gives_sorted_edits()
    {
        DirectoryInfo directory = rules.CreateSubdirectory("env");
        foreach ((string name, string content) in new[] { ("B", "2 \n"), ("A", ""), ("C", "\n"), (".hidden", "x"), ("a=b", "x"), ("long", new string('x', 5000)) })
            File.WriteAllText(Path.Combine(directory.FullName, name), content);
        Assert.Equal("A\0B=2\0C=\0long=" + new string('x', EnvironmentFormat.StandardLargestFile) + "\0", ReadEnvironment(directory.FullName, out Errno error));
        Assert.False(error.Failed);
    }

    [Fact]
    public void What_cannot_be_read_is_an_error()
    {
        DirectoryInfo directory = rules.CreateSubdirectory("env");
        _ = ReadEnvironment(directory.FullName + "/none", out Errno error);
        Assert.Equal(libc.ENOENT, error.Number);
        File.CreateSymbolicLink(Path.Combine(directory.FullName, "X"), "nowhere");
        _ = ReadEnvironment(directory.FullName, out error);
        Assert.Equal(libc.EIDRM, error.Number);
        File.Delete(Path.Combine(directory.FullName, "X"));
        File.CreateSymbolicLink(Path.Combine(directory.FullName, "X"), "/dev/zero");
        _ = ReadEnvironment(directory.FullName, out error);
        Assert.Equal(libc.ENODEV, error.Number);
        File.Delete(Path.Combine(directory.FullName, "X"));
        _ = directory.CreateSubdirectory("X");
        _ = ReadEnvironment(directory.FullName, out error);
        Assert.Equal(libc.EISDIR, error.Number);
    }

    [Fact]
    public void A_dangling_denial_keeps_the_client_out()
    {
        _ = Directory.CreateDirectory(Path.Combine(rules.FullName, "uid/7"));
        Put("uid/default/allow");
        Assert.Equal(Verdict.Allow, Decide(7).Verdict);
        File.CreateSymbolicLink(Path.Combine(rules.FullName, "uid/7/deny"), "nowhere");
        Assert.Equal(Verdict.Unreadable, Decide(7).Verdict);
        Assert.Equal(libc.EIDRM, Decide(7).Error.Number);
    }

    [Fact]
    public void Thousands_of_decisions_leave_nothing_behind()
    {
        const int Decisions = 20_000;
        Put("uid/7/allow");
        Put("uid/7/env/X");
        Put("uid/8/allow");
        _ = Directory.CreateDirectory(Path.Combine(rules.FullName, "uid/8/exec"));
        Put("uid/9/deny");
        var allowance = new Allowance();
        _ = Decide(7, ref allowance);
        int descriptors = CountOpenFiles();
        Verdict[] expected = [Verdict.Allow, Verdict.Unreadable, Verdict.Deny, Verdict.NoRule];
        for (int i = 0; i < Decisions; i++)
            Assert.Equal(expected[i % expected.Length], Decide(7 + (uint)(i % expected.Length), ref allowance).Verdict);
        allowance.Free();
        // Other tests run in parallel and have a few open at any time.
        Assert.InRange(CountOpenFiles(), 0, descriptors + 100);
    }

    private static int CountOpenFiles() => Directory.GetFileSystemEntries("/proc/self/fd").Length;

    private static string ReadEnvironment(string path, out Errno error)
    {
        var edits = new ByteBuffer();
        var names = new DirectoryNames();
        fixed (byte* name = (path + "\0").ToBytes())
            error = EnvironmentDirectory.Read(LibC.AT_FDCWD, name, EnvironmentFormat.Standard, ref edits, ref names);
        string text = ((ReadOnlySpan<byte>)edits.Content).ToText();
        edits.Free();
        names.Free();
        return text;
    }

    private void Put(string name)
    {
        string path = Path.Combine(rules.FullName, name);
        _ = Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, "");
    }

    private Decision Decide(uint user)
    {
        var allowance = new Allowance();
        Decision decision = Decide(user, ref allowance);
        allowance.Free();
        return decision;
    }

    private Decision Decide(uint user, ref Allowance allowance)
    {
        fixed (byte* path = (rules.FullName + "\0").ToBytes())
            return RuleSearch.Decide(RuleSource.Directory(path), new PeerKeys(new PeerCredentials(user, 99), self), default, ref allowance);
    }
}
