using System.Linq;
using Xunit;

namespace LocalService.Tests.EndToEnd.FrontEnd;

/// <summary>A role that can't print fails with a message, never with exit 0: on a full device, and without a standard output.</summary>
public sealed class StandardOutputTests
{
    // Roles that don't print anything of their own. Some write a protocol to standard output, whose loss the tests of the service show. Some announce
    // there that they are ready; a failure of that must not end a server.
    private const string SilentRoles = """
        ipcserver ipcserver-socketbinder ipcserverd applyuidgid envuidgid setuidgid envdir softlimit ipcserver-access
        accessrules-cdb-from-fs accessrules-fs-from-cdb connlimit connrate ipcclient ioconnect sudo sudoc sudod fdholder-daemon fdholderd fdholder-store fdholder-retrieve
        fdholder-replace fdholder-delete fdholder-getdump fdholder-setdump fdholder-transferdump mkfifodir cleanfifodir ftrig-notify ftrig-listen ftrigrd
        skadnsd dns-hosts-compile tcpserver tcpserver-socketbinder tcpserverd tcpserver-access tcpclient lockd setlock lock-acquire
        """;

    /// <summary>The roles that print, each with a script in which <c>OUT</c> marks the place for the redirection.</summary>
    public static TheoryData<string, string> PrintingRoles => new()
    {
        { "fdholder-list", "hold; s6-fdholder-store sk a; s6-fdholder-list sk OUT" },
        { "access-check", "mkdir -p r/uid/0; touch r/uid/0/allow; s6-access-check -i r -u 0 -g 0 OUT" },
        { "status", "mkfifo ready; s6-ipcserver -1 -s page sk true >ready & w=$!; read -r _ <ready; kill $w; wait $w; s6-status page OUT" },
        { "ftrig-wait", "s6-mkfifodir D; s6-ftrig-wait -t 9000 D a OUT & w=$!; until_true has_fifo D; s6-ftrig-notify D a; wait $w" },
        { "ftrig-listen1", "s6-mkfifodir D; s6-ftrig-listen1 -t 9000 D a s6-ftrig-notify D a OUT" },
        { "dnsip4", Ask("dnsip4 a.test") },
        { "dnsip6", Ask("dnsip6 a.test") },
        { "dnsip", Ask("dnsip a.test") },
        { "dnsname", Ask("dnsname 10.1.2.3") },
        { "dnsmx", Ask("dnsmx mx.test") },
        { "dnsns", Ask("dnsns ns.test") },
        { "dnstxt", Ask("dnstxt txt.test") },
        { "dnssoa", Ask("dnssoa soa.test") },
        { "dnssrv", Ask("dnssrv http tcp srv.test") },
        { "dnsq", Ask("dnsq A a.test 127.0.0.10") },
        { "dnsqr", Ask("dnsqr A a.test") },
        { "dnsqualify", Ask("dnsqualify foo") },
        { "dnsip4-filter", Ask("echo a.test | dnsip4-filter") },
        { "dnsip6-filter", Ask("echo a.test | dnsip6-filter") },
        { "dnsname-filter", Ask("echo 10.1.2.3 | dnsname-filter") },
        { "randomip", "s6-randomip -n 1 OUT" },
        { "getservbyname", "s6-getservbyname domain udp OUT" },
        { "ident-client", "ident 127.0.0.1 '%R,%L:USERID:UNIX:joe\\r\\n'; s6-ident-client 127.0.0.1 1 127.0.0.2 2 OUT" },
        { "socklog", Receive("s6-socklog") },
        { "syslogd", Receive("s6-syslogd") },
        { "ucspilogd", "echo text | ucspilogd OUT" },
        { "lockd-helper", "lockd-helper w f </dev/null OUT" },
    };

    [Fact]
    public void Every_role_has_a_row() => Assert.Empty(
        RoleDescription.All.Select(role => role.Name).Except(SilentRoles.Split((char[]?)null)).Except(PrintingRoles.Select(row => (string)row[0])));

    [Theory, MemberData(nameof(PrintingRoles))]
    public void What_does_not_fit_on_the_device_is_an_error(string role, string script) =>
        ExpectError(role, script, ">/dev/full", "No space left on device");

    [Theory, MemberData(nameof(PrintingRoles))]
    public void Without_a_standard_output_nothing_is_printed_elsewhere(string role, string script) =>
        ExpectError(role, script, ">&-", "Bad file descriptor");

    // O_NONBLOCK belongs to the open file, so any other process that has it may set the flag. The reader is slow.
    [Theory]
    [InlineData("dnsip4-filter"), InlineData("dnsname-filter"), InlineData("ucspilogd"), InlineData("fdholder-list sk")]
    public void A_pipe_that_somebody_made_non_blocking_gets_everything(string program) => Script.Expect(
        $$"""
        hold
        for i in {1..2000}; do echo "a..$i $(printf %0100d)"; done >in
        talk <<'END'
        for i in range(900):
            other = Connection()
            assert other.ask(store(f"{i:0100}"), [2]) == "00"
            other.close()
        END
        python3 - {{program}} <<'END'
        import os, subprocess, sys, time
        read, write = os.pipe()
        os.set_blocking(write, False)
        process = subprocess.Popen(sys.argv[1:], stdin=open("in"), stdout=write)
        os.close(write)
        time.sleep(0.3)
        lines = sum(part.count(b"\n") for part in iter(lambda: os.read(read, 4096), b""))
        print(lines, process.wait())
        END
        """,
        program.StartsWith("fdholder", System.StringComparison.Ordinal) ? "900 0" : "2000 0");

    private static void ExpectError(string role, string script, string output, string reason)
    {
        ProcessResult result = BashCase.Run(
            ProgramsUnderTest.Ours, NetworkScript.Wrap($"source functions.bash; {script.Replace("OUT", output)}; echo $?"));
        // A server that checks the descriptor at its start reports wrong use.
        bool isWrongUse = output == ">&-" && (role is "socklog" or "syslogd");
        Assert.Equal(isWrongUse ? "100" : "111", result.Output.TrimEnd());
        Assert.Contains($"{role}: fatal: ", result.Error);
        Assert.EndsWith($": {reason}\n", result.Error);
    }

    private static string Ask(string command) => $"servers 127.0.0.10=good; resolv 127.0.0.10; {command} OUT";

    private static string Receive(string program) =>
        $"mkfifo ready; timeout 9 {program} -x s -d 5 5>ready OUT & w=$!; read -r _ <ready; [ ! -S s ] || sendlog s 1 1; wait $w";
}
