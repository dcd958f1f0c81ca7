using System;
using System.IO;
using System.Linq;
using System.Text;
using Xunit;

namespace LocalService.Tests.EndToEnd.Server;

/// <summary>A log that is never read, can't be written or isn't wanted: the server goes on.</summary>
public sealed class LogTests
{
    // A role of the same executable, which starts quickly. More lines than a pipe or a socket holds.
    private const string Program = "s6-ioconnect --help";
    private const int ManyConnections = 700;
    private const int LinesOfConnection = 4;
    private const int LinesOfStart = 2;

    [Theory]
    [InlineData("2> >(exec true)", "a pipe whose reader has gone")]
    [InlineData("2>/dev/full", "a full device")]
    [InlineData("2>/dev/null", "the null device")]
    [InlineData("2</dev/null", "a descriptor for reading")]
    [InlineData("2<.", "a directory")]
    public void A_log_that_takes_nothing_does_no_harm(string redirection, string title)
    {
        Assert.NotEmpty(title);
        using RunningServer server = RunningServer.Start(new ServerSetup { Options = "-v", Redirections = redirection });
        ServeMany(server, 50, "cat");
        server.Signal(RunningServer.SIGUSR1);
        server.Stop();
    }

    [Theory]
    [InlineData("connected", "a socket that nobody reads")]
    [InlineData("lost", "a socket without another end")]
    [InlineData("unbound", "a socket that isn't connected")]
    [InlineData("tcp-connected", "a TCP connection that nobody accepts")]
    public void A_socket_as_log_does_no_harm(string kind, string title)
    {
        Assert.NotEmpty(title);
        using RunningServer server = RunningServer.Start(
            new ServerSetup { Options = "-v", Program = Program, Prefix = $"withsocket 2 {kind} ", Redirections = "" });
        ServeMany(server, ManyConnections, "help");
        server.Stop();
    }

    [Fact]
    public void A_full_pipe_that_nobody_reads_loses_lines_and_the_server_tells_how_many()
    {
        // Open for reading and writing: there is no reader, and a write gives no error.
        using RunningServer server = RunningServer.Start(
            new ServerSetup { Options = "-v", Program = Program, Before = "mkfifo fifo", Redirections = "2<>fifo" });
        TimeSpan used = server.Files.ProcessorTime;
        ServeMany(server, ManyConnections, "help");
        Eventually.Equal(0, () => server.Files.Children.Count);
        Assert.InRange(server.Files.ProcessorTime - used, TimeSpan.Zero, TimeSpan.FromSeconds(5));

        using var reader = new LineReader(server["fifo"]);
        int read = reader.Drain();
        ServeMany(server, 1, "help");
        server.Stop();
        reader.Drain();

        string report = Assert.Single(reader.Lines, line => line.Contains("lost", StringComparison.Ordinal));
        Assert.StartsWith("s6-ipcserverd: warning: ", report, StringComparison.Ordinal);
        Assert.EndsWith(" log lines were lost because nobody read them", report, StringComparison.Ordinal);
        int lost = int.Parse(report.Split(' ')[2], null);
        Assert.Equal(LinesOfStart + LinesOfConnection * ManyConnections, read + lost);
        Assert.Equal(report, reader.Lines[read]);
        Assert.Equal("s6-ipcserverd: info: exiting", reader.Lines[^1]);
        Assert.All(reader.Lines, line => Assert.StartsWith("s6-ipcserverd: ", line, StringComparison.Ordinal));
    }

    [Fact]
    public void A_full_pipe_does_not_keep_the_server_from_stopping()
    {
        using RunningServer server = RunningServer.Start(
            new ServerSetup { Options = "-v", Before = "mkfifo fifo; exec 4<>fifo; yes >&4 & sleep .2; kill $!; wait $! 2>/dev/null", Redirections = "2>&4" });
        ServeMany(server, 5, "cat");
        server.Stop();
    }

    [Theory]
    [InlineData(""), InlineData("-u 1000 -g 1000")]
    public void A_pipe_that_others_fill_between_the_question_and_the_write_does_not_stop_the_server(string options)
    {
        // Before Linux 6.4, pwritev2(2) can't write to a pipe without waiting. The injected poll(2) reports room, but there is none.
        using RunningServer server = RunningServer.Start(new ServerSetup
        {
            Options = "-v " + options,
            Before = "mkfifo fifo; exec 4<>fifo; yes >&4 & sleep .2; kill $!; wait $! 2>/dev/null",
            Prefix = "strace -D -f -qq -o trace -P $PWD/fifo -e trace=poll,pwritev2 -e inject=pwritev2:error=EOPNOTSUPP -e inject=poll:retval=1 ",
            Redirections = "2>&4",
        });
        ServeMany(server, 5, "cat");
        server.Stop();
    }

    [Fact]
    public void Long_lines_of_many_gates_are_cut_at_the_end_of_a_line_or_at_the_end_of_all()
    {
        const int Gates = 100;
        string gates = string.Concat(Enumerable.Repeat("s6-ipcserver-access -v2 ", Gates));
        using RunningServer server = RunningServer.Start(new ServerSetup { Options = "-v", Program = gates + "true" });
        Assert.Equal("", server.Ask());
        server.WaitForLog("info: end");
        server.Stop();
        string[] lines = [.. server.Log.Where(line => line.StartsWith("s6-ipcserver-access: ", StringComparison.Ordinal))];
        Assert.InRange(lines.Length, 20, 2 * Gates);
        Assert.All(lines[..^1], line => Assert.Matches("^s6-ipcserver-access: (warning: invoked without a ruleset!|info: allow pid [0-9]+ uid 0 gid 0)$", line));
        Assert.All(server.Log[^1..], line => Assert.Equal("s6-ipcserverd: info: exiting", line));
        // The last line may be cut anywhere, and the text after it starts a new line.
        Assert.All(server.Log, line => Assert.StartsWith("s6-", line, StringComparison.Ordinal));
    }

    [Fact]
    public void The_flags_of_the_log_that_others_share_stay_as_they_are()
    {
        using RunningServer server = RunningServer.Start(new ServerSetup { Options = "-v", Before = "mkfifo fifo", Redirections = "2<>fifo" });
        Assert.Equal("hello", server.Ask("hello"));
        string flags = File.ReadLines($"/proc/{server.Id}/fdinfo/2").Single(line => line.StartsWith("flags:", StringComparison.Ordinal));
        Assert.Equal("flags:\t0100002", flags);
        server.Stop();
    }

    private static void ServeMany(RunningServer server, int connections, string program)
    {
        for (int i = 0; i < connections; i++)
        {
            if (program == "cat")
                Assert.Equal("hello", server.Ask("hello"));
            else
                Assert.StartsWith("usage: s6-ioconnect", server.Ask(), StringComparison.Ordinal);
        }
    }

    /// <summary>Reads lines from a FIFO without ever waiting for more.</summary>
    private sealed class LineReader(string path) : IDisposable
    {
        private readonly FileStream fifo = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        private readonly StringBuilder text = new();

        public string[] Lines => text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);

        /// <summary>Reads everything in the pipe, up to a line that it writes at the end itself, once there is room for it.</summary>
        /// <returns>How many lines were read so far.</returns>
        public int Drain()
        {
            byte[] buffer = new byte[64 * 1024];
            const string Mark = "mark\n";
            // First reads from the full pipe, so that the write of the mark can't block.
            if (text.Length == 0)
                _ = text.Append(Encoding.Latin1.GetString(buffer, 0, fifo.Read(buffer)));
            fifo.Write(Encoding.Latin1.GetBytes(Mark));
            while (!text.ToString().EndsWith(Mark, StringComparison.Ordinal))
                _ = text.Append(Encoding.Latin1.GetString(buffer, 0, fifo.Read(buffer)));
            text.Length -= Mark.Length;
            return Lines.Length;
        }

        public void Dispose() => fifo.Dispose();
    }
}
