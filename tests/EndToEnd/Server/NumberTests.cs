using System;
using System.Linq;
using System.Text.RegularExpressions;
using Xunit;

namespace LocalService.Tests.EndToEnd.Server;

/// <summary>Every numeric option of the server's roles, with values that aren't numbers.</summary>
public sealed class NumberTests
{
    private static readonly string[] bad =
    [
        "", " ", "-1", "+1", " 1", "1 ", "1\\n", "0x1", "1e3", "1.0", "1,2", "one", "--", "4294967296", "18446744073709551616",
        "99999999999999999999999999999999999999", new string('9', 10_000),
    ];

    private static readonly string[] badOctal =
        ["", "-1", "+7", " 7", "8", "0o7", "0x7", "u+x", "rw", "40000000000", "7777777777777777777777777", new string('7', 10_000)];

    private static readonly string[] badLists =
        ["x", ",5", "5,", "5,,6", "5,x", "5 x", "5;-6", "+5", "4294967296", "5,4294967296", "5,99999999999999999999", ",", ";", " ", "5.6", "5,0x6"];

    [Theory]
    [InlineData("s6-ipcserver", "-c"), InlineData("s6-ipcserver", "-C"), InlineData("s6-ipcserver", "-b")]
    [InlineData("s6-ipcserver", "-g"), InlineData("s6-ipcserver", "-u"), InlineData("s6-ipcserver-socketbinder", "-b")]
    [InlineData("s6-ipcserverd", "-v"), InlineData("s6-ipcserverd", "-c"), InlineData("s6-ipcserverd", "-C")]
    public void What_is_no_number_of_32_bits_is_wrong_use(string role, string option) => ExpectUsage(role, option, bad);

    [Theory]
    [InlineData("-u"), InlineData("-g")]
    public void The_same_for_the_ids_of_applyuidgid(string option) => ExpectUsage("s6-applyuidgid", option, bad);

    [Theory]
    [InlineData("s6-ipcserver"), InlineData("s6-ipcserver-socketbinder")]
    public void What_is_no_octal_number_of_32_bits_is_wrong_use(string role) => ExpectUsage(role, "-a", badOctal);

    [Theory, Trait("Decision", "4")]
    [InlineData("s6-ipcserver"), InlineData("s6-applyuidgid")]
    public void Decision_4_Lists_of_gids_are_parsed_strictly(string role) => ExpectUsage(role, "-G", badLists);

    [Theory, Trait("Decision", "4")]
    [InlineData("UID", "GIDLIST= GID=1")]
    [InlineData("GID", "UID=1 GIDLIST=")]
    [InlineData("GIDLIST", "UID=1 GID=1")]
    public void Decision_4_Variables_are_parsed_as_strictly(string variable, string others)
    {
        string[] values = variable == "GIDLIST" ? badLists : bad;
        ProcessResult result = BashCase.Run(
            ProgramsUnderTest.Ours, $"for v in {Words(values)}; do env {others} {variable}=\"$v\" s6-applyuidgid -U echo ran; echo $?; done");
        Assert.Equal(Repeat("100\n", values.Length), result.Output);
        Assert.Equal(Repeat($"s6-applyuidgid: fatal: invalid ${variable}\n", values.Length), result.Error);
    }

    // The error after the numbers proves that they were accepted: the path can't be bound.
    [Theory]
    [InlineData("s6-ipcserver -c 4294967295 -C 4294967295 -b 4294967295 -a 37777777777 -u 4294967295 -g 4294967295 -G 4294967295 missing/sock true")]
    [InlineData("s6-ipcserver -c 0000000000000000004294967295 -C 0 -b 0 -a 0 -u 0 -g 0 -G '' missing/sock true")]
    [InlineData("s6-ipcserver-socketbinder -b 4294967295 -a 37777777777 missing/sock true")]
    public void The_greatest_and_the_smallest_numbers_are_taken(string command)
    {
        ProcessResult result = BashCase.Run(ProgramsUnderTest.Ours, command);
        Assert.Equal(
            ("s6-ipcserver-socketbinder: fatal: unable to bind to missing/sock: No such file or directory\n", 111), (result.Error, result.ExitCode));
    }

    [Theory]
    [InlineData("-v 4294967295 -c 4294967295 -C 4294967295"), InlineData("-v 00000000000000000000 -c 0 -C 0")]
    public void The_same_for_the_daemon(string options)
    {
        ProcessResult result = BashCase.Run(ProgramsUnderTest.Ours, $"s6-ipcserverd {options} true");
        Assert.Equal(("s6-ipcserverd: fatal: stdin is not a socket\n", 100), (result.Error, result.ExitCode));
    }

    [Theory]
    [InlineData("-u", "unable to setuid"), InlineData("-g", "unable to setgid"), InlineData("-G", "unable to set supplementary group list")]
    public void The_kernel_refuses_the_greatest_id(string option, string message)
    {
        ProcessResult result = BashCase.Run(ProgramsUnderTest.Ours, $"s6-applyuidgid {option} 4294967295 echo ran");
        Assert.Equal(("", $"s6-applyuidgid: fatal: {message}: Invalid argument\n", 111), (result.Output, result.Error, result.ExitCode));
    }

    [Theory, Trait("Decision", "4")]
    [InlineData(65_535, 0), InlineData(65_536, 111)]
    public void Decision_4_A_list_is_never_cut_short(int members, int code)
    {
        // The kernel accepts 65,536 groups, and the gid is one more. No argument could hold a longer list.
        ProcessResult result = BashCase.Run(
            ProgramsUnderTest.Ours,
            $"python3 -c 'import os; os.execvp(\"s6-applyuidgid\", [\"s6-applyuidgid\", \"-g\", \"9\", \"-G\", \",\".join([\"7\"] * {members}), \"true\"])' 2>err; echo $?");
        Assert.Equal($"{code}\n", result.Output);
    }

    [Fact, Trait("Decision", "10")]
    public void Huge_values_serve_like_any_other()
    {
        using RunningServer server = RunningServer.Start(new ServerSetup { Options = "-v -c 4294967295 -C 4294967295 -b 4294967294" });
        Assert.Equal("hello", server.Ask("hello"));
        server.WaitForLog("info: end pid");
        Assert.Equal(1, server.CountLog("count 1/4294967295"));
        server.ExpectStatus("0/4294967295");
        server.Stop();
    }

    private static void ExpectUsage(string role, string option, string[] values)
    {
        string path = role is "s6-ipcserver" or "s6-ipcserver-socketbinder" ? "sock" : "";
        ProcessResult result = BashCase.Run(
            ProgramsUnderTest.Ours,
            $"""
            for v in {Words(values)}; do
                {role} {option} "$v" {path} echo ran; echo $?
                {role} "{option}$v" {path} echo ran; echo $?
            done
            ls -A
            """);
        Assert.Equal(Repeat("100\n", 2 * values.Length), result.Output);
        // Each option is named, then the usage follows. A value may contain newlines.
        string[] lines = result.Error.Split('\n');
        Assert.Equal(2 * values.Length, lines.Count(line => Regex.IsMatch(line, $"^{role}: fatal: invalid .* for {option}: ")));
        Assert.Equal(2 * values.Length, lines.Count(line => line.StartsWith($"{role}: usage: {role} [", StringComparison.Ordinal)));
    }

    private static string Words(string[] values) => string.Join(' ', values.Select(value => $"$'{value}'"));

    private static string Repeat(string text, int times) => string.Concat(Enumerable.Repeat(text, times));
}
