using System;
using Xunit;

namespace LocalService.Tests.EndToEnd.FrontEnd;

/// <summary><c>./build.sh run</c> shows what it claims: every demonstration is run, and the programs' answers are compared.</summary>
public sealed class DemonstrationTests
{
    [Theory]
    [InlineData("tour", "Welcome, user 1001. You said: hello")]
    [InlineData("sudo", "reloading as user 0, asked by user 1001: --verbose", "2", "(exit code 3)", "(exit code 111)")]
    [InlineData("upgrade", "version one", "version two")]
    [InlineData("wait", "done", "U")]
    [InlineData("lock", "(exit code 1)", "(exit code 1)", "reporting")]
    [InlineData("dns", "192.0.2.7 GET /", "192.0.2.9 GET /mail", "127.0.0.1 GET /status",
        "web.example.org. GET /", "mail.example.org. GET /mail", "localhost. GET /status", "192.0.2.9")]
    [InlineData("tcp", "hello, 127.0.0.1")]
    [InlineData("syslog", "ID:0:0: mail.warn: TIME postman: no stamp on a letter")]
    public void What_is_shown_works(string name, params string[] answers) => Script.Expect(
        $$"""
        {{Repository.PathOf("build.sh")}} run {{name}} --no-build 2>error | tee shown | grep -E \
            '^(Welcome|reloading|[0-9]+$|\(exit|version|done$|U$|reporting$|hello|192|127|[a-z.]+ GET|[0-9]+:0:0:)' |
            sed -E 's/^[0-9]+:0:0: mail.warn: .{15} /ID:0:0: mail.warn: TIME /'
        grep -q '^# ' shown || cat error
        """,
        string.Join('\n', answers),
        limit: TimeSpan.FromMinutes(5));

    [Fact]
    public void An_unknown_one_is_a_usage_error() => Script.Expect(
        $"""
        {Repository.PathOf("build.sh")} run nothing 2>error || echo $?
        head -n 1 error
        """,
        """
        100
        usage: ./build.sh COMMAND
        """);
}
