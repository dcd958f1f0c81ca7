using Xunit;

namespace LocalService.Tests.EndToEnd.Dns;

/// <summary>
/// While the wall clock is set back and forth, questions are repeated in time and limits are kept. The clock is read only for the limits that clients of
/// skadnsd send, which are wall-clock dates, and then once. Where there is no vDSO, every reading is a visible system call.
/// </summary>
public sealed class WallClockTests
{
    /// <summary>Makes ./jumpclock.</summary>
    internal const string Build = "gcc -O -o jumpclock \"$PYTHONPATH/jumpclock.c\"\n";

    [Theory]
    [InlineData("date +%s", "clock_gettime")]
    [InlineData("busybox date +%s", "time")]
    public void Who_reads_it_is_seen(string program, string call) => DnsScript.Expect(Build + $$"""
        dates=($(./jumpclock report sh -c "{{program}}; {{program}}; {{program}}"))
        echo $((dates[0] - dates[1] > 3000 || dates[1] - dates[0] > 3000)) $((dates[2] - dates[0] < 3000))
        cat report
        """, $"1 1\n{call}\n{call}\n{call}");

    [Theory]
    [InlineData("good", "dnsip4-filter <in", "a.test=10.1.2.3")]
    [InlineData("drop", "dnsip4-filter <in", "a.test=10.1.2.3")]
    [InlineData("drop", "dnsip4-filter -t 20000 <in", "a.test=10.1.2.3")]
    [InlineData("truncate", "dnsip4-filter <in", "a.test=10.1.2.3")]
    [InlineData("silent", "dnsip4-filter -t 500 <in", "a.test=<query timed out>")]
    [InlineData("truncate,hang", "dnsip6-filter -t 500 <in", "a.test=<query timed out>")]
    [InlineData("silent", "dnsname-filter -t 500 <<<10.1.2.3", "10.1.2.3=<query timed out>")]
    [InlineData("drop", "dnsip -t 20000 a.test | tail -1", "10.1.2.3")]
    [InlineData("silent", "dnsip4 -t 500 a.test 2>&1", "s6-dnsip4: fatal: unable to resolve a.test: query timed out")]
    public void Nothing_reads_it_to_ask(string behaviour, string command, string output) => DnsScript.Expect(Build + $"""
        servers 127.0.0.10={behaviour}; resolv 127.0.0.10
        echo a.test >in
        timeout 30 ./jumpclock report {command}
        cat report
        """, output);

    [Fact]
    public void Limits_of_the_daemon_are_kept() => DnsScript.Expect(Build + """
        servers 127.0.0.10=silent 127.0.0.11=drop,delay400
        resolv 127.0.0.10
        python3 - <<'END'
        import time, skadns
        def set_clock(seconds):
            with open("report.offset", "w") as file:
                file.write(str(seconds))
        for seconds in (3600, -3600):
            set_clock(0)
            session = skadns.Session(["./jumpclock", "report", "s6-skadnsd"])
            start = time.monotonic()
            print(session.ask(skadns.query(1, 1, "1000", "a.test")), end=" ")
            set_clock(seconds)
            print(skadns.shown(session.events.message()), 0.9 < time.monotonic() - start < 20, end=" ")
            print(session.end(), open("report").read().split())
            session = skadns.Session(["./jumpclock", "report", "s6-skadnsd", "-s", "127.0.0.11"])
            print(session.ask(skadns.query(1, 1, "-", "a.test")), skadns.shown(session.events.message()), session.end(), open("report").read().split())
        END
        """, """
        00 event 1 110 True 0 ['clock_gettime']
        00 event 1 0 code 0 answers 1 0a010203 0 []
        00 event 1 110 True 0 ['clock_gettime']
        00 event 1 0 code 0 answers 1 0a010203 0 []
        """);

    [Theory]
    [InlineData("drop", "", "a.test=10.1.2.3", 0)]
    [InlineData("drop", "-t 20000", "a.test=10.1.2.3", 1)]
    [InlineData("silent", "-t 1000", "a.test=<query timed out>", 1)]
    public void Filter_and_daemon_agree(string behaviour, string options, string output, int readings) => DnsScript.Expect(Build + $$"""
        servers 127.0.0.10={{behaviour}}; resolv 127.0.0.10
        for hour in 3600 -3600; do
            for part in filter daemon; do echo 0 >$part.offset; done
            T='./jumpclock daemon' serve -- sock s6-skadnsd
            echo a.test | timeout 30 ./jumpclock filter dnsip4-filter -S sock {{options}} & filter=$!
            until_true grep -q a.test queries
            for part in filter daemon; do echo $hour >$part.offset; done
            wait $filter
            echo $(wc -l <filter) $(wc -l <daemon)
            pkill -P $server; wait $server
            : >queries
        done
        """, $"{output}\n{readings} {readings}\n{output}\n{readings} {readings}");
}
