namespace LocalService.Tests.EndToEnd.Sudo;

/// <summary>A test of sudod behind a server, with clients written in Python with the functions of <c>Tools/sudo_wire.py</c>.</summary>
internal static class SudoScript
{
    /// <summary>Runs statements and compares what they print, and what the server logs. The socket is <c>sock</c>, the server's pid <c>server</c>.</summary>
    /// <param name="serve">The operands of s6-ipcserver: the path and the program.</param>
    /// <param name="python">The statements.</param>
    /// <param name="output">Their output.</param>
    /// <param name="log">The distinct lines of the server's log, sorted, each with its count in front.</param>
    internal static void Expect(string serve, string python, string output, string log = "") => Script.Expect(
        $"""
        serve {serve} 2>log
        cat >client.py <<'END'
        import fcntl, os, random, signal, socket, subprocess, sys, time
        from sudo_wire import *
        server = sys.argv[1]
        NULL = os.open("/dev/null", os.O_RDWR)

        def until(condition):
            end = time.monotonic() + 30
            while not condition():
                assert time.monotonic() < end, "never"
                time.sleep(0.01)

        def ask(args=(), env=(), lent=(NULL, 1, 2)):
            "The whole answer to a client that makes no mistake."
            connection = connect("sock")
            send(connection, message(args, env), lent)
            answer = receive(connection, 100)
            connection.close()
            return answer

        {python}
        END
        PYTHONPATH=$(dirname "$(command -v sudowire)") python3 -Bu client.py $server
        sort log | uniq -c | sed 's/^ *//'
        """,
        output + (log.Length > 0 ? "\n" + log : ""));
}
