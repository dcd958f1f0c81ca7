using Xunit;

namespace LocalService.Tests.EndToEnd.Server;

/// <summary>Programs that can't be started, permanently or for a while, and where they are searched (decision 13).</summary>
public sealed class ProgramTests
{
    private const string Script = "printf '#!/bin/sh\\necho served\\n' >p; chmod 755 p";

    [Theory, Trait("Decision", "13")]
    [InlineData("missing", "", "No such file or directory")]
    [InlineData("./missing", "", "No such file or directory")]
    [InlineData("./missing/p", "", "No such file or directory")]
    [InlineData("./file/p", "touch file", "Not a directory")]
    [InlineData("./plain", "touch plain", "Permission denied")]
    [InlineData("./folder", "mkdir folder", "Permission denied")]
    [InlineData("./loop", "ln -s loop loop", "Too many levels of symbolic links")]
    [InlineData("./script", "printf '#!/no/such\\n' >script; chmod 755 script", "No such file or directory")]
    [InlineData("./text", "echo echo hi >text; chmod 755 text", "Exec format error")]
    [InlineData("./empty", "touch empty; chmod 755 empty", "Exec format error")]
    [InlineData("./busy", "cp /bin/true busy; exec 3>>busy", "Text file busy")]
    public void Decision_13_A_program_that_cannot_be_started_gets_a_warning_and_no_slot(string program, string prepare, string message)
    {
        using RunningServer server = RunningServer.Start(new ServerSetup { Options = "-v -c 2 -C 2", Program = program, Before = prepare });
        server.WarmUp();
        int before = server.CountLog("warning");
        int descriptors = server.RestingDescriptors;
        for (int i = 0; i < 10; i++)
            Assert.Equal("", server.Ask("hello"));
        Eventually.Equal(before + 10, () => server.CountLog($"s6-ipcserverd: warning: unable to spawn {program}: {message}"));
        Assert.Equal(0, server.CountLog("allow") + server.CountLog("end pid"));
        Assert.Empty(server.Files.Children);
        Assert.Equal(descriptors, server.RestingDescriptors);
        server.ExpectStatus("0/2");
        server.Stop();
    }

    [Fact]
    public void Without_verbosity_there_is_no_warning()
    {
        using RunningServer server = RunningServer.Start(new ServerSetup { Options = "-q", Program = "./missing" });
        Assert.Equal("", server.Ask());
        server.Stop();
        Assert.Empty(server.Log);
    }

    [Fact]
    public void A_program_may_go_and_come_back()
    {
        using RunningServer server = RunningServer.Start(new ServerSetup { Program = "./p", Before = Script });
        Assert.Equal("served\n", server.Ask());
        (string Change, string Message)[] changes =
        [
            ("mv p gone", "No such file or directory"),
            ("mkdir p", "Permission denied"),
            ("rmdir p; touch p", "Permission denied"),
            ("printf '#!/no/such\n' >p; chmod 755 p", "No such file or directory"),
            ("rm p; ln -s p p", "Too many levels of symbolic links"),
        ];
        foreach ((string change, string message) in changes)
        {
            int before = server.CountLog(message);
            _ = server.Run(change);
            Assert.Equal("", server.Ask());
            Eventually.Equal(before + 1, () => server.CountLog($"unable to spawn ./p: {message}"));
        }
        _ = server.Run("rm p; mv gone p");
        Assert.Equal("served\n", server.Ask());
        server.Stop();
    }

    [Fact, Trait("Decision", "13")]
    public void Decision_13_A_program_of_the_PATH_may_appear_go_and_move()
    {
        using RunningServer server = RunningServer.Start(
            new ServerSetup { Program = "p", Before = $"mkdir first second; {Script}; PATH=first:second:$PATH" });
        Assert.Equal("", server.Ask());
        _ = server.Run("cp p second");
        Assert.Equal("served\n", server.Ask());
        _ = server.Run("mv second/p first");
        Assert.Equal("served\n", server.Ask());
        _ = server.Run("chmod a-x first/p");
        Assert.Equal("", server.Ask());
        _ = server.Run("cp p second");
        Assert.Equal("served\n", server.Ask());
        Eventually.Equal(2, () => server.Log.Length);
        Assert.Equal(
            ["s6-ipcserverd: warning: unable to spawn p: No such file or directory", "s6-ipcserverd: warning: unable to spawn p: Permission denied"],
            server.Log);
        server.Stop();
    }

    [Theory, Trait("Decision", "13")]
    [InlineData("first:second", "touch first/p", "served\n", "")]
    [InlineData("first:second", "mkdir first/p", "served\n", "")]
    [InlineData("p:second:", "", "served\n", "")]
    [InlineData("first:missing", "touch first/p", "", "Permission denied")]
    [InlineData("first:second", "touch first/p; chmod 755 first/p", "", "Exec format error")]
    [InlineData(":second:", "", "served\n", "")]
    [InlineData(":first:", "", "", "No such file or directory")]
    [InlineData("", "", "", "No such file or directory")]
    [InlineData(":::", "", "", "No such file or directory")]
    [InlineData(".", "", "served\n", "")]
    [InlineData("first:.", "", "served\n", "")]
    public void Decision_13_The_rules_of_the_PATH_hold_for_the_children(string path, string before, string answer, string message)
    {
        // The server itself is started by its path; its chain needs no PATH.
        using RunningServer server = RunningServer.Start(
            new ServerSetup { Program = "p", Before = $"mkdir first second; {Script}; cp p second; {before}", Prefix = $"env PATH={path}{(path.StartsWith("p:", System.StringComparison.Ordinal) ? Folder : "")} {Folder}/" });
        Assert.Equal(answer, server.Ask());
        server.Stop();
        Assert.Equal(message.Length == 0 ? [] : [$"s6-ipcserverd: warning: unable to spawn p: {message}"], server.Log);
    }

    [Fact, Trait("Decision", "13")]
    public void Decision_13_Without_a_PATH_the_usual_folders_are_searched()
    {
        using RunningServer server = RunningServer.Start(new ServerSetup { Program = "env", Prefix = $"env -i A=1 {Folder}/" });
        Assert.Equal("A=1\nPROTO=IPC\nIPCREMOTEEUID=0\nIPCREMOTEEGID=0\nIPCCONNNUM=1\nIPCREMOTEPATH=\n", server.Ask());
        server.Stop();
    }

    private static string Folder => ProgramsUnderTest.Ours.Folder;
}
