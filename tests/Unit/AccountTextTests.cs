using System;
using System.Collections.Generic;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using LocalService.Accounts;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using Xunit;

namespace LocalService.Tests.Unit;

public sealed class AccountTextTests
{
    private static readonly Gen<string> names = Gen.Elements("a", "b", "ab", "c", "1", "", "+a", "-a", "a:b", "a,b", "a\n");

    private static readonly Gen<string> ids = Gen.Elements("0", "7", "007", "1000", "4294967294", "4294967295", "4294967296", "x", "", "-1", "7x");

    private static readonly Gen<string> members = Properties.List(Gen.Elements("a", "b", "ab", "", "aa", " a"), 4).Select(list => string.Join(",", list));

    private static readonly Gen<string> lines = Gen.OneOf(
        Gen.Zip(names, Gen.Zip(ids, members)).Select(line => $"{line.Item1}:x:{line.Item2.Item1}:{line.Item2.Item2}"),
        Gen.Zip(names, Gen.Zip(ids, ids)).Select(line => $"{line.Item1}:x:{line.Item2.Item1}:{line.Item2.Item2}:gecos:/:/bin/sh"),
        Properties.Text("ab:,7\0\n", 12));

    private static readonly Gen<string> texts =
        Gen.Zip(Properties.List(lines, 8), Gen.Elements("", "\n")).Select(text => string.Join('\n', text.Item1) + text.Item2);

    [Fact]
    public void A_user_is_what_the_first_line_of_its_name_says() => Properties.ForAll(
        texts,
        names,
        (text, name) =>
        {
            Result<User> found = PasswordText.Find(text.ToBytes(), name.ToBytes());
            string[]? fields = FirstLineOf(text, name);
            if (fields == null)
                Assert.Equal(libc.ESRCH, found.Error.Number);
            else if (fields.Length < 5 || !IsId(fields[2]) || !IsId(fields[3]))
                Assert.Equal(libc.EINVAL, found.Error.Number);
            else
                Assert.Equal((uint.Parse(fields[2], null), uint.Parse(fields[3], null)), (found.Value.Id, found.Value.Group));
        },
        runs: 5000);

    [Fact]
    public void A_group_is_what_the_first_line_of_its_name_says() => Properties.ForAll(
        texts,
        names,
        (text, name) =>
        {
            Result<uint> found = GroupText.Find(text.ToBytes(), name.ToBytes());
            string[]? fields = FirstLineOf(text, name);
            if (fields == null)
                Assert.Equal(libc.ESRCH, found.Error.Number);
            else if (fields.Length < 4 || !IsId(fields[2]))
                Assert.Equal(libc.EINVAL, found.Error.Number);
            else
                Assert.Equal(uint.Parse(fields[2], null), found.Value);
        },
        runs: 5000);

    [Fact]
    public void The_groups_of_a_user_are_those_that_list_it() => Properties.ForAll(
        texts,
        Gen.Elements("a", "b", "ab"),
        (text, user) =>
        {
            Result<GroupIdList> found = GroupText.ListOf(text.ToBytes(), user.ToBytes());
            string[][] listed = [.. text.Split('\n').Select(line => line.Split(':', 4)).Where(fields => fields.Length == 4 && fields[3].Split(',').Contains(user))];
            if (listed.All(fields => IsId(fields[2])))
                Assert.Equal(listed.Select(fields => uint.Parse(fields[2], null)), found.Value.Members.ToArray());
            else
                Assert.Equal(libc.EINVAL, found.Error.Number);
        },
        runs: 5000);

    [Fact]
    public void More_groups_than_the_kernel_takes_are_an_error()
    {
        string line = "g:x:5:user\n";
        Assert.Equal(65536, GroupText.ListOf(string.Concat(Enumerable.Repeat(line, 65536)).ToBytes(), "user"u8).Value.Count);
        Assert.Equal(libc.EINVAL, GroupText.ListOf(string.Concat(Enumerable.Repeat(line, 65537)).ToBytes(), "user"u8).Error.Number);
    }

    [Theory]
    [InlineData("alice                 1000 100 4\n", "1000 100 4")]
    [InlineData("alice 7\n", "7")]
    [InlineData("alice                 \n", "")]
    [InlineData("alice 7 x\n", null)]
    [InlineData("alic 7\n", null)]
    [InlineData("alice\n", null)]
    [InlineData("alice2 7\n", null)]
    [InlineData("", null)]
    public void An_answer_about_groups_is_understood_or_refused(string answer, string? expected)
    {
        Result<GroupIdList> groups = GetEnt.ParseGroups(answer.ToBytes(), "alice"u8);
        if (expected == null)
            Assert.Equal(libc.EINVAL, groups.Error.Number);
        else
            Assert.Equal(expected, string.Join(' ', groups.Value.Members.ToArray()));
    }

    private static bool IsId(string text) =>
        text.Length > 0 && text.All(char.IsAsciiDigit) && uint.TryParse(text, out uint id) && id != uint.MaxValue;

    private static string[]? FirstLineOf(string text, string name) =>
        name.Length == 0 || name[0] is '+' or '-' || name.AsSpan().IndexOfAny(":,\n") >= 0
            ? null
            : text.Split('\n').FirstOrDefault(line => line.StartsWith(name + ":", StringComparison.Ordinal))?.Split(':');
}
