using Xunit;

namespace LocalService.Tests.EndToEnd.Sudo;

/// <summary>
/// A process that closes the last copy of a socket waits as long as its sender has chosen (SO_LINGER). sudod never waits, whatever happens to the
/// message with the socket.
/// </summary>
public sealed class LingeringTests
{
    /// <summary>The shared part of the clients. They send each kind of such a socket, and close their own copy before the message is complete.</summary>
    private const string Attack = """
        from lingering import lingering, nested, let_go

        def attack(text, kind, count):
            sent = [kind() for _ in range(count)]
            connection = connect("sock")
            # The last byte follows when the copies of ours are gone.
            send(connection, text[:-1], sent)
            let_go(*sent)
            try:
                connection.sendall(text[-1:])
            except BrokenPipeError:
                pass # It was refused for its descriptors already.
            return connection
        """;

    [Theory]
    [InlineData("header(len(data()), 2) + data()", 2, "client did not send 3 fds")]
    [InlineData("header(len(data()), 3) + data(banner=b'x' * 15)", 3, "wrong client banner")]
    [InlineData("header(len(data()), 3) + data(argc=1)", 3, "unable to make child argv: Invalid argument")]
    [InlineData("header(len(data()), 3) + data()", 3, "unable to spawn nonexist: No such file or directory")]
    [InlineData("header(len(data()), 1) + data()", 3, "unable to read message from client: Protocol error")]
    public void A_message_that_is_refused(string text, int count, string fault) => SudoScript.Expect(
        "sock s6-sudod nonexist",
        $"""
        {Attack}
        for kind in lingering, nested:
            connection = attack({text}, kind, {count})
            until(lambda: not children(server))
            connection.close()
        print("over")
        """,
        "over",
        $"2 s6-sudod: fatal: {fault}");

    [Fact]
    public void A_message_that_never_ends() => SudoScript.Expect(
        "sock s6-sudod -t 300 true",
        $"""
        {Attack}
        for kind in lingering, nested:
            connection = connect("sock")
            sent = [kind() for _ in range(3)]
            send(connection, message()[:10], sent)
            let_go(*sent)
            until(lambda: not children(server))
            connection.close()
        print("over")
        """,
        "over",
        "2 s6-sudod: fatal: unable to read message from client: Connection timed out");

    [Fact]
    public void More_than_there_are_numbers_for() => SudoScript.Expect(
        "sock softlimit -o 8 s6-sudod true",
        $"""
        {Attack}
        connection = attack(message(), lingering, 8)
        until(lambda: not children(server))
        print("over")
        """,
        "over",
        "1 s6-sudod: fatal: unable to read message from client: No buffer space available");

    [Theory]
    [InlineData("")]
    [InlineData("-0 -1")]
    [InlineData("-d")]
    public void Descriptors_of_a_program_that_ends_or_has_others(string options) => SudoScript.Expect(
        $"sock s6-sudod {options} true",
        $"""
        {Attack}
        for kind in lingering, nested:
            connection = attack(message(), kind, 3)
            print(receive(connection, 100).hex())
            connection.close()
        until(lambda: not children(server))
        """,
        """
        0000000000
        0000000000
        """);
}
