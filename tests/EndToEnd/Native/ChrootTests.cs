using System.IO;
using System.Threading;
using Xunit;

namespace LocalService.Tests.EndToEnd.Native;

/// <summary>An empty root directory that holds nothing but the executable: no /proc, no /dev, no PATH that leads anywhere.</summary>
public sealed class ChrootTests
{
    [Theory]
    [InlineData("")]
    [InlineData("0<&-")]
    [InlineData("2>&-")]
    [InlineData("0<&- 1>&- 2>&-")]
    public void Serves_a_connection(string closed)
    {
        using TestDirectory root = RootWithTheExecutable();
        // For each connection: the gate, then a program that prints something. Both are this executable.
        using TestProcess server = InRoot(root, closed,
            "/localservice ipcserver -c 5 /sock /localservice ipcserver-access -v0 /localservice ipcserver --help");
        WaitForSocket(root);

        using TestProcess client = InRoot(root, "", "/localservice ipcclient /sock ioconnect");
        ProcessResult answer = client.Wait(System.TimeSpan.FromSeconds(20));

        Assert.Equal("", answer.Error);
        Assert.StartsWith("usage: s6-ipcserver ", answer.Output, System.StringComparison.Ordinal);
        Assert.Equal(0, answer.ExitCode);
        server.Signal(15);
        Assert.Equal(0, server.Wait(System.TimeSpan.FromSeconds(20)).ExitCode);
        Assert.Equal(["localservice", "sock", "sock.lock"], Names(root));
    }

    [Fact]
    public void Serves_with_an_abstract_name_and_leaves_no_file()
    {
        using TestDirectory root = RootWithTheExecutable();
        string name = "@localservice-test-" + Path.GetFileName(root.FullPath);
        using TestProcess server = InRoot(root, "", $"/localservice ipcserver -1 {name} /localservice ipcserver --help");

        ProcessResult answer = default!;
        for (int attempt = 0; attempt < 100; attempt++)
        {
            using TestProcess client = InRoot(root, "", $"/localservice ipcclient {name} ioconnect");
            answer = client.Wait(System.TimeSpan.FromSeconds(20));
            if (answer.ExitCode == 0)
                break;
            Thread.Sleep(50);
        }

        Assert.StartsWith("usage: s6-ipcserver ", answer.Output, System.StringComparison.Ordinal);
        server.Signal(15);
        ProcessResult stopped = server.Wait(System.TimeSpan.FromSeconds(20));
        Assert.Equal((0, "\n", ""), (stopped.ExitCode, stopped.Output, stopped.Error));
        Assert.Equal(["localservice"], Names(root));
    }

    private static TestDirectory RootWithTheExecutable()
    {
        Prerequisites.Require();
        var root = new TestDirectory();
        File.Copy(ProgramsUnderTest.Executable, root["localservice"]);
        return root;
    }

    private static TestProcess InRoot(TestDirectory root, string redirections, string command) =>
        TestProcess.Start(["bash", "-c", $"exec chroot . {command} {redirections}"], root.FullPath);

    private static void WaitForSocket(TestDirectory root)
    {
        for (int attempt = 0; attempt < 500 && !File.Exists(root["sock"]); attempt++)
            Thread.Sleep(20);
        Thread.Sleep(100);
    }

    private static string[] Names(TestDirectory root)
    {
        string[] names = [.. Directory.GetFileSystemEntries(root.FullPath)];
        for (int i = 0; i < names.Length; i++)
            names[i] = Path.GetFileName(names[i]);
        System.Array.Sort(names, System.StringComparer.Ordinal);
        return names;
    }
}
