using System;
using System.Linq;
using Xunit;

namespace LocalService.Tests.EndToEnd.Server;

/// <summary>Valid paths for the socket of a server, and files that are never touched.</summary>
public sealed class SocketPathTests
{
    // Binds a socket and connects to it: the backlog takes the client.
    private const string BindAndConnect = "s6-ipcserver-socketbinder \"$p\" s6-ipcclient \"$p\" echo connected";

    [Theory]
    [InlineData(1), InlineData(106), InlineData(107)]
    public void A_path_of_up_to_107_bytes_is_served_and_reached(int length)
    {
        ProcessResult result = BashCase.Run(ProgramsUnderTest.Ours, $"p=$(printf %0{length}d 1); {BindAndConnect}; ls | head -1 | wc -c");
        Assert.Equal($"connected\n{length + 1}\n", result.Output);
        Assert.Equal("", result.Error);
    }

    [Theory, Trait("Decision", "14")]
    [InlineData(108), InlineData(109), InlineData(255), InlineData(4096), InlineData(100_000)]
    public void Decision_14_A_longer_path_is_too_long_for_bind_and_connect_alike(int length)
    {
        ProcessResult result = BashCase.Run(
            ProgramsUnderTest.Ours,
            $"""
            p=$(printf %0{length}d 1)
            s6-ipcserver "$p" true; echo $?
            s6-ipcserver -D "$p" true; echo $?
            s6-ipcserver-socketbinder "$p" true; echo $?
            s6-ipcclient "$p" true; echo $?
            s6-ipcclient -p "$p" sock true; echo $?
            ls -A
            """);
        Assert.Equal("111\n111\n111\n111\n111\n", result.Output);
        string[] lines = result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(5, lines.Length);
        Assert.All(lines, line => Assert.EndsWith(": File name too long", line, StringComparison.Ordinal));
        Assert.All(lines.Take(3), line => Assert.StartsWith("s6-ipcserver-socketbinder: fatal: unable to bind to 0", line, StringComparison.Ordinal));
    }

    [Theory, Trait("Decision", "5")]
    [InlineData("regular file", "echo precious >sock")]
    [InlineData("empty file", ": >sock")]
    [InlineData("empty directory", "mkdir sock")]
    [InlineData("directory", "mkdir sock; touch sock/file")]
    [InlineData("link to a file", "echo precious >target; ln -s target sock")]
    [InlineData("dangling link", "ln -s nowhere sock")]
    [InlineData("link to a socket", "s6-ipcserver-socketbinder -D target true; ln -s target sock")]
    [InlineData("link to itself", "ln -s sock sock")]
    [InlineData("FIFO", "mkfifo sock")]
    [InlineData("device", "mknod sock c 1 3")]
    public void Decision_5_What_is_no_socket_is_never_removed(string kind, string make)
    {
        foreach (string option in (string[])["-d", "-D"])
        {
            ProcessResult result = BashCase.Run(
                ProgramsUnderTest.Ours,
                $$"""
                {{make}}
                function facts { stat -c '%n %i %F %s %y %a' *; cat target 2>&1; }
                before=$(facts)
                s6-ipcserver {{option}} sock true; echo $?
                s6-ipcserver-socketbinder {{option}} sock true; echo $?
                [ "$before" = "$(facts)" ] && echo "untouched"
                ls -A | grep -c lock
                """);
            const string Message = "s6-ipcserver-socketbinder: fatal: unable to bind to sock: Address already in use\n";
            Assert.Equal((kind, "111\n111\nuntouched\n0\n", Message + Message), (kind, result.Output, result.Error));
        }
    }

    [Fact]
    public void A_socket_that_nobody_listens_to_is_replaced_only_with_d()
    {
        ProcessResult result = BashCase.Run(
            ProgramsUnderTest.Ours,
            "p=sock; s6-ipcserver-socketbinder sock true; s6-ipcserver-socketbinder -D sock true; echo $?; " + BindAndConnect);
        Assert.Equal("111\nconnected\n", result.Output);
        Assert.Equal("s6-ipcserver-socketbinder: fatal: unable to bind to sock: Address already in use\n", result.Error);
    }

    [Theory]
    [InlineData("missing/sock", "", "No such file or directory", false)]
    [InlineData("file/sock", "touch file", "Not a directory", true)]
    [InlineData("loop/sock", "ln -s loop loop", "Too many levels of symbolic links", true)]
    [InlineData("closed/sock", "mkdir closed", "Permission denied", false)]
    [InlineData("secret/sock", "mkdir -m 700 secret", "Permission denied", true)]
    public void Where_no_socket_can_be_made_nothing_is(string path, string make, string message, bool cannotAsk)
    {
        foreach (string option in (string[])["-d", "-D"])
        {
            ProcessResult result = BashCase.Run(
                ProgramsUnderTest.Ours, $"{make}\ntouch before after; ls -AR >before; as1000 s6-ipcserver {option} {path} true; echo $?; ls -AR >after; cmp before after");
            Assert.Equal("111\n", result.Output);
            string what = cannotAsk && option == "-d" ? "stat" : "bind to";
            Assert.Equal($"s6-ipcserver-socketbinder: fatal: unable to {what} {path}: {message}\n", result.Error);
        }
    }

    [Fact]
    public void An_abstract_name_serves_without_a_file()
    {
        string name = $"@localservice-test-{Environment.ProcessId}-abstract";
        using RunningServer server = RunningServer.Start(new ServerSetup { Path = name, Program = "sh -c 'echo $IPCREMOTEEUID; cat'" });
        Assert.Equal("0\nhello", server.Ask("hello"));
        ProcessResult result = server.Run($"s6-ipcclient {name} s6-ioconnect </dev/null; s6-ipcserver {name} true; echo $?; ls -A", userId: 1000);
        Assert.Equal("1000\n111\nlog\nready\n", result.Output);
        Assert.Equal($"s6-ipcserver-socketbinder: fatal: unable to bind to {name}: Address already in use\n", result.Error);
        server.Stop();
        Assert.Equal("s6-ipcclient: fatal: unable to connect to " + name + ": Connection refused\n", server.Run($"s6-ipcclient {name} true").Error);
    }

    [Fact]
    public void Abstract_names_have_a_longest_and_a_shortest_form_and_files_can_still_be_called_so()
    {
        ProcessResult result = BashCase.Run(
            ProgramsUnderTest.Ours,
            $"""
            p=@$(printf %0106d $$); {BindAndConnect}; ls -A
            p=@$(printf %0107d $$); {BindAndConnect} 2>&1 | grep -c 'File name too long'
            p=./@name; {BindAndConnect}; ls
            """);
        Assert.Equal("connected\n1\nconnected\n@name\n@name.lock\n", result.Output);
        Assert.Equal("", result.Error);
    }

    [Theory]
    [InlineData("''"), InlineData("@")]
    public void An_empty_path_is_refused(string path)
    {
        ProcessResult result = BashCase.Run(
            ProgramsUnderTest.Ours, $"s6-ipcserver {path} true; echo $?; s6-ipcserver-socketbinder -D {path} true; echo $?; ls -A");
        Assert.Equal("100\n100\n", result.Output);
        Assert.Equal(string.Concat(Enumerable.Repeat("s6-ipcserver-socketbinder: fatal: empty socket path\n", 2)), result.Error);
    }

    [Theory, Trait("Decision", "5")]
    [InlineData("000"), InlineData("022"), InlineData("077"), InlineData("0277"), InlineData("0777")]
    public void Decision_5_The_lock_file_has_mode_0600_and_the_socket_exactly_the_given_one(string mask)
    {
        ProcessResult result = BashCase.Run(
            ProgramsUnderTest.Ours,
            $"""
            umask {mask}
            for mode in 0 077 400 600 755 777 7777; do
                rm -f sock*
                s6-ipcserver-socketbinder -a $mode sock sh -c umask
                stat -c '%n %a' sock sock.lock
            done
            """);
        string umask = mask.PadLeft(4, '0');
        Assert.Equal(
            string.Concat(((string[])["0", "77", "400", "600", "755", "777", "777"]).Select(mode => $"{umask}\nsock {mode}\nsock.lock 600\n")), result.Output);
    }

    [Theory]
    [InlineData("mkdir sock.lock", "Is a directory")]
    [InlineData("mkfifo -m 666 sock.lock", "No such device or address")]
    [InlineData("ln -s sock.lock sock.lock", "Too many levels of symbolic links")]
    [InlineData("ln -s missing/lock sock.lock", "Too many levels of symbolic links")]
    [InlineData("install -m 600 /dev/null sock.lock", "Permission denied")]
    public void Without_its_lock_the_old_socket_stays(string make, string message)
    {
        ProcessResult result = BashCase.Run(
            ProgramsUnderTest.Ours,
            $"""
            as1000 s6-ipcserver-socketbinder -D sock true
            {make}
            before=$(stat -c %i sock)
            as1000 s6-ipcserver sock true; echo $?
            [ "$before" = "$(stat -c %i sock)" ] && echo untouched
            """);
        Assert.Equal(("111\nuntouched\n", $"s6-ipcserver-socketbinder: fatal: unable to open sock.lock: {message}\n"), (result.Output, result.Error));
    }

    [Fact, Trait("Decision", "5")]
    public void Decision_5_What_a_lock_file_holds_and_its_mode_stay()
    {
        ProcessResult result = BashCase.Run(
            ProgramsUnderTest.Ours, "echo kept >sock.lock; chmod 640 sock.lock; s6-ipcserver-socketbinder sock true; echo $?; cat sock.lock; stat -c %a sock.lock");
        Assert.Equal("0\nkept\n640\n", result.Output);
    }
}
