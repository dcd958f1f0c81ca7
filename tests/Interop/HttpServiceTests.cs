using Xunit;

namespace LocalService.Tests.Interop;

/// <summary>A web server made of foreign parts: busybox serves, curl asks, and between them stands our server.</summary>
public sealed class HttpServiceTests
{
    private const string Pages = """
        mkdir www
        echo '<p>A page.</p>' >www/index.html
        head -c 2000000 /dev/urandom >www/large

        """;

    [Theory]
    [InlineData("")]
    [InlineData("s6-ipcserver-access -v 0 -i r")]
    [InlineData("s6-ipcserver-access -v 0 -x c s6-connlimit")]
    [InlineData("/usr/bin/s6-ipcserver-access -v 0 -i r s6-connlimit")]
    public void Pages_arrive_one_after_the_other_and_at_once(string gate) => Script.Expect(
        Pages +
        $$"""
        put uid/0/allow
        mkdir r/uid/0/env
        echo 20 >r/uid/0/env/IPCCONNMAX
        s6-accessrules-cdb-from-fs c r
        serve sock {{gate}} busybox httpd -i -h www
        curl -sS --unix-socket sock http://host/
        curl -sS -o /dev/null -w '%{http_code} %{content_type}\n' --unix-socket sock http://host/missing
        for i in {1..12}; do
            { curl -sS --unix-socket sock http://host/large | cmp - www/large && echo same; } & clients+=($!)
        done >results
        wait "${clients[@]}"
        sort results | uniq -c | tr -s ' '
        """,
        """
        <p>A page.</p>
        404 text/html
         12 same
        """);

    [Fact]
    public void A_user_whom_the_gate_refuses_gets_nothing() => Script.Expect(
        Pages +
        """
        put uid/0/allow
        serve sock s6-ipcserver-access -v 2 -i r busybox httpd -i -h www 2>log
        as1000 curl -sS -m 20 -o page --unix-socket sock http://host/ 2>/dev/null || echo refused
        [ -s page ] || echo nothing
        curl -sS --unix-socket sock http://host/
        until_true sh -c '[ $(wc -l <log) = 2 ]'
        cat log
        """,
        """
        refused
        nothing
        <p>A page.</p>
        s6-ipcserver-access: info: deny pid PID uid 1000 gid 1000: No such file or directory
        s6-ipcserver-access: info: allow pid PID uid 0 gid 0
        """);
}
