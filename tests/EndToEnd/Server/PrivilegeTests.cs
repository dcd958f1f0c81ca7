using System;
using System.Linq;
using System.Net.Sockets;
using Xunit;

namespace LocalService.Tests.EndToEnd.Server;

/// <summary>Real users: those that the server becomes, and those that it serves.</summary>
public sealed class PrivilegeTests
{
    private const string RootGroups = "setpriv --groups 0,5,6 ";

    [Theory, Trait("Decision", "3")]
    [InlineData("-u 1000", "1000", "0", "")]
    [InlineData("-u 1000 -g 1001", "1000", "1001", "1001")]
    [InlineData("-u 65534 -g 65534", "65534", "65534", "65534")]
    [InlineData("-u 1000 -g 1001 -G ''", "1000", "1001", "1001")]
    [InlineData("-u 1000 -g 1001 -G 7,8", "1000", "1001", "7 8 1001")]
    [InlineData("-u 1000 -g 1001 -G 1001,7,7", "1000", "1001", "7 7 1001")]
    [InlineData("-u 1000 -G 7", "1000", "0", "0 7")]
    [InlineData("-g 1001", "0", "1001", "0 5 6")]
    [InlineData("-G 7 -g 1001", "0", "1001", "7 1001")]
    [InlineData("-u 0 -g 0", "0", "0", "0 5 6")]
    public void Decision_3_The_server_is_whom_it_was_told_to_be_and_keeps_no_group_of_root(string options, string user, string group, string groups)
    {
        using RunningServer server = RunningServer.Start(new ServerSetup { Options = options, Prefix = RootGroups, Program = "cat /proc/self/status" });
        string fourUsers = string.Join(' ', Enumerable.Repeat(user, 4));
        string fourGroups = string.Join(' ', Enumerable.Repeat(group, 4));
        Assert.Equal((fourUsers, fourGroups, groups), (server.Files.Status("Uid"), server.Files.Status("Gid"), server.Files.Status("Groups")));
        if (user != "0")
            Assert.Equal(("0000000000000000", "0000000000000000"), (server.Files.Status("CapEff"), server.Files.Status("CapPrm")));
        string child = server.Ask().Replace("\t", " ", StringComparison.Ordinal);
        Assert.Contains($"\nUid: {fourUsers}\nGid: {fourGroups}\n", child, StringComparison.Ordinal);
        Assert.Contains($"\nGroups: {groups} \n", child, StringComparison.Ordinal);
        Assert.Equal("0 0", server.Run("stat -c '%u %g' sock").Output.Trim());
        server.Stop();
    }

    [Fact, Trait("Decision", "3")]
    public void Decision_3_The_same_with_ids_from_the_environment()
    {
        using RunningServer server = RunningServer.Start(
            new ServerSetup { Options = "-U", Prefix = RootGroups + "env UID=1000 GID=1001 GIDLIST= ", Program = "sh -c 'echo ${UID-unset} ${GID-unset} ${GIDLIST-unset}'" });
        Assert.Equal(
            ("1000 1000 1000 1000", "1001 1001 1001 1001", "1001"), (server.Files.Status("Uid"), server.Files.Status("Gid"), server.Files.Status("Groups")));
        Assert.Equal("unset unset unset\n", server.Ask());
        server.Stop();
    }

    [Theory, Trait("Decision", "3")]
    [InlineData("s6-ipcserver -1 -u 1001 sock touch ran", "unable to setuid: Operation not permitted")]
    [InlineData("s6-applyuidgid -u 1001 touch ran", "unable to setuid: Operation not permitted")]
    [InlineData("s6-applyuidgid -g 1001 touch ran", "unable to setgid: Operation not permitted")]
    [InlineData("s6-applyuidgid -u 1000 -g 1001 touch ran", "unable to setgid: Operation not permitted")]
    [InlineData("s6-applyuidgid -G 1001 touch ran", "unable to set supplementary group list: Operation not permitted")]
    [InlineData("s6-applyuidgid -G '' touch ran", "unable to set supplementary group list: Operation not permitted")]
    [InlineData("env UID=1001 GID=1000 GIDLIST= s6-applyuidgid -U touch ran", "unable to set supplementary group list: Operation not permitted")]
    public void A_change_of_ids_that_fails_is_fatal_and_nothing_is_run(string command, string message)
    {
        ProcessResult result = BashCase.Run(ProgramsUnderTest.Ours, $"as1000 {command}; echo $?; test -e ran && echo ran");
        Assert.Equal(("111\n", $"s6-applyuidgid: fatal: {message}\n"), (result.Output, result.Error));
    }

    [Theory, Trait("Decision", "3")]
    [InlineData("setuid", "-u 1001 -g 1001", "unable to setuid")]
    [InlineData("setgid", "-u 1001 -g 1001", "unable to setgid")]
    [InlineData("setgroups", "-u 1001", "unable to set supplementary group list")]
    public void Decision_3_A_change_of_ids_that_only_seems_to_work_is_fatal(string call, string options, string message)
    {
        // The tracer makes the call succeed without doing anything.
        ProcessResult result = BashCase.Run(
            ProgramsUnderTest.Ours, $"{RootGroups} strace -o trace -e trace={call} -e inject={call}:retval=0 s6-applyuidgid {options} touch ran; echo $?; test -e ran && echo ran");
        Assert.Equal(("111\n", $"s6-applyuidgid: fatal: {message}: Operation not permitted\n"), (result.Output, result.Error));
    }

    [Fact]
    public void The_same_ids_as_before_need_no_privilege()
    {
        ProcessResult result = BashCase.Run(ProgramsUnderTest.Ours, "as1000 s6-applyuidgid -u 1000 -g 1000 sh -c 'id -u; id -g'");
        Assert.Equal(("1000\n1000\n", ""), (result.Output, result.Error));
    }

    [Fact, Trait("Decision", "9")]
    public void Decision_9_Each_user_has_a_count_of_its_own_which_starts_with_1_and_a_limit_that_is_exact()
    {
        using RunningServer server = RunningServer.Start(
            new ServerSetup { Options = "-v -c 20 -C 3", Program = "sh -c 'echo $IPCREMOTEEUID:$IPCREMOTEEGID $IPCCONNNUM; exec cat'" });
        uint[] users = [0, 1000, 1001, 65534];
        foreach (uint user in users)
        {
            // Three hold their connection; the fourth is refused. Each line of the output comes at once.
            ProcessResult result = server.Run(
                """
                for i in 1 2 3; do
                    s6-ipcclient sock sh -c 'IFS= read -r x <&6; echo "$x"; exec sleep 60' >out.$$.$i &
                    until [ -s out.$$.$i ]; do sleep .01; done
                    cat out.$$.$i
                done
                for i in 1 2; do s6-ipcclient sock s6-ioconnect </dev/null; done
                kill $(jobs -p)
                """,
                user);
            Assert.Equal(string.Concat(Enumerable.Range(1, 3).Select(i => $"{user}:{user} {i}\n")), result.Output);
            Assert.Equal(2, server.CountLog($"info: deny {user}:{user} count 3/3"));
        }
        Assert.Equal(3 * users.Length, server.CountLog("info: allow"));
        server.ExpectStatus("0/20");
        foreach (uint user in users)
            Assert.Equal($"{user}:{user} 1\n", server.Run("s6-ipcclient sock s6-ioconnect </dev/null", user).Output);
        server.Stop();
    }

    [Fact]
    public void A_user_at_its_limit_does_not_keep_others_out()
    {
        using RunningServer server = RunningServer.Start(new ServerSetup { Options = "-C 1" });
        using Socket first = server.Connect();
        Assert.Equal("hello", RunningServer.Exchange(first, "hello"));
        Assert.Equal("", server.Ask("hello"));
        foreach (uint user in (uint[])[1000, 1001, 65534])
            Assert.Equal("hello\n", server.Run("echo hello | s6-ipcclient sock s6-ioconnect", user).Output);
        server.Stop();
    }

    [Fact]
    public void A_server_of_another_user_serves_all_as_that_user()
    {
        using RunningServer server = RunningServer.Start(
            new ServerSetup { UserId = 1000, Options = "-a 777", Program = "sh -c 'echo $(id -u) serves $IPCREMOTEEUID'" });
        Assert.Equal("1000 serves 0\n", server.Ask());
        Assert.Equal("1000 serves 65534\n", server.Run("s6-ipcclient sock s6-ioconnect </dev/null", 65534).Output);
        Assert.Equal("1000 1000", server.Run("stat -c '%u %g' sock").Output.Trim());
        server.Stop();
    }

    [Fact]
    public void The_permissions_of_the_socket_keep_users_out()
    {
        using RunningServer server = RunningServer.Start(new ServerSetup { Options = "-a 700", Program = "echo served" });
        Assert.Equal("served\n", server.Ask());
        ProcessResult result = server.Run("s6-ipcclient sock s6-ioconnect </dev/null", 1000);
        Assert.Equal("s6-ipcclient: fatal: unable to connect to sock: Permission denied\n", result.Error);
        server.Stop();
    }
}
