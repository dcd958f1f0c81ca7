using System.IO;
using Xunit;

namespace LocalService.Tests.EndToEnd.Server;

/// <summary>Descriptors 0, 1 and 2 closed at start, in every combination (decision 8).</summary>
[Trait("Decision", "8")]
public sealed class ClosedDescriptorTests
{
    private const string Program = "sh -c 'echo to the log >&2; readlink /proc/$$/fd/2; cat'";

    private static string Closing(int closed) =>
        ((closed & 1) != 0 ? " <&-" : " </dev/null") + ((closed & 2) != 0 ? " >&-" : " >out") + ((closed & 4) != 0 ? " 2>&-" : " 2>log");

    [Theory]
    [InlineData(0), InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5), InlineData(6), InlineData(7)]
    public void Decision_8_No_line_of_the_log_reaches_a_client_or_a_file(int closed)
    {
        using RunningServer server = RunningServer.Start(
            new ServerSetup { Options = "-v", Announce = false, Program = Program, Redirections = Closing(closed) });
        for (int i = 0; i < 3; i++)
            Assert.Equal(((closed & 4) != 0 ? "/dev/null" : server["log"]) + "\nhello", server.Ask("hello"));
        server.Stop();
        Assert.Equal("", File.ReadAllText(server["sock.lock"]));
        Assert.Equal("", File.Exists(server["out"]) ? File.ReadAllText(server["out"]) : "");
        Assert.Equal((closed & 4) == 0, File.Exists(server["log"]) && server.CountLog("info: starting") == 1 && server.CountLog("to the log") >= 3);
    }

    [Theory]
    [InlineData(0), InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5), InlineData(6), InlineData(7)]
    public void Decision_8_No_warning_does_either(int closed)
    {
        using RunningServer server = RunningServer.Start(
            new ServerSetup { Options = "-v", Announce = false, Program = "./missing", Redirections = Closing(closed) });
        for (int i = 0; i < 3; i++)
            Assert.Equal("", server.Ask());
        server.Stop();
        Assert.Equal("", File.ReadAllText(server["sock.lock"]));
        Assert.Equal("", File.Exists(server["out"]) ? File.ReadAllText(server["out"]) : "");
    }

    [Theory]
    [InlineData("mkdir sock", "s6-ipcserver -v sock true", 111)]
    [InlineData("", "s6-ipcserver -v -u 4294967295 sock true", 111)]
    [InlineData("", "s6-ipcserver -v sock ''", 100)]
    [InlineData("", "s6-ipcserver-socketbinder sock ./missing", 127)]
    [InlineData("", "s6-ipcserverd -v2 true", 0)]
    public void Decision_8_A_fatal_message_does_not_land_in_a_file_of_the_program(string before, string command, int code)
    {
        for (int closed = 4; closed < 8; closed++)
        {
            ProcessResult result = BashCase.Run(
                ProgramsUnderTest.Ours, $"{before}\n{command} {Closing(closed)}; echo $?; cat sock.lock out 2>/dev/null");
            // With descriptor 0 closed the error is a system error, with the null device it is wrong use.
            int expected = code != 0 ? code : (closed & 1) != 0 ? 111 : 100;
            Assert.Equal($"{expected}\n", result.Output);
        }
    }

    [Theory]
    [InlineData(2), InlineData(3), InlineData(6), InlineData(7)]
    public void Readiness_needs_a_descriptor_1(int closed)
    {
        ProcessResult result = BashCase.Run(ProgramsUnderTest.Ours, $"s6-ipcserver -1 sock true {Closing(closed)}; echo $?; cat sock.lock");
        Assert.Equal("100\n", result.Output);
    }
}
