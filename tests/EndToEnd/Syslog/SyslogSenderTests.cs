using Xunit;

namespace LocalService.Tests.EndToEnd.Syslog;

/// <summary>Real clients of syslog, at a /dev/log of their own.</summary>
public sealed class SyslogSenderTests
{
    // A /dev with only those devices of the machine that every program needs.
    private const string OwnDev =
        """
        mkdir dev; mount -t tmpfs none dev; for f in null zero urandom; do touch dev/$f; mount --bind /dev/$f dev/$f; done
        mkdir dev/shm; mount --bind dev /dev

        """;

    // Replaces the parts that change with each run, such as dates and process numbers.
    private const string Show = "sed -E 's/[A-Z][a-z]{2} [ 0-9][0-9] [0-9:]{8}/DATE/; s/\\[[0-9]+\\]/[PID]/; s/^[0-9]+:/PID:/; s/20[0-9-]+T[0-9:.+]+/TIME/; s/(timeQuality|host) [^ ]*//'";

    [Theory]
    [InlineData("")]
    [InlineData("-s /dev/stream")]
    public void Each_client_library_and_program_is_understood(string options) => Inside(
        OwnDev + $$"""
        cat >client.c <<'END'
        #include <syslog.h>
        int main(void) { openlog("muslident", LOG_PID, LOG_MAIL); syslog(LOG_WARNING, "from %s", "musl"); return 0; }
        END
        musl-gcc -static -o client client.c
        mkfifo ready; s6-syslogd {{options}} -c -d 5 >log 5>ready & server=$!
        read -r _ <ready
        python3 -c 'import syslog; syslog.openlog("ident", syslog.LOG_PID, syslog.LOG_DAEMON); syslog.syslog(syslog.LOG_ERR, "from glibc\nsecond")'
        ./client
        logger -t tag -p local3.info from util-linux
        logger -d -u /dev/log -t tag -i -- given the path
        busybox logger -t bb -p cron.alert from busybox
        python3 -c 'import socket; socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b"<30>raw writer", "/dev/log")'
        until_true eval '[ $(wc -l <log) -ge 6 ]'
        kill $server; wait $server; echo $?
        {{Show}} log
        """,
        """
        0
        PID:0:0: daemon.err: DATE ident[PID]: from glibc~second
        PID:0:0: mail.warn: DATE muslident[PID]: from musl
        PID:0:0: local3.info: DATE tag: from util-linux
        PID:0:0: user.notice: DATE tag[PID]: given the path
        PID:0:0: cron.alert: DATE bb: from busybox
        PID:0:0: daemon.info: raw writer
        """);

    // 64 ordinary programs at once. The C library connects for them, to a datagram socket, or to a stream where it finds one.
    [Theory]
    [InlineData("gcc", "")]
    [InlineData("gcc", "-x /dev/datagrams -s /dev/log")]
    [InlineData("musl-gcc -static", "")]
    public void Sixty_four_programs_of_C_lose_nothing(string compiler, string options) => Inside(
        OwnDev + $$"""
        cat >client.c <<'END'
        #include <stdlib.h>
        #include <sys/wait.h>
        #include <syslog.h>
        #include <unistd.h>
        int main(int count, char **words)
        {
            int failed = 0, status;
            for (int sender = 0; sender < 64; sender++)
                if (fork() == 0) {
                    openlog("program", LOG_PID | LOG_NDELAY * (sender & 1), LOG_LOCAL0);
                    for (int number = 0; number < atoi(words[1]); number++)
                        syslog(LOG_INFO, "%m %d %d", sender, number);
                    exit(0);
                }
            while (wait(&status) > 0)
                failed |= status;
            return failed != 0;
        }
        END
        {{compiler}} -O -o client client.c
        mkfifo ready; s6-syslogd {{options}} -c -d 5 >log 5>ready & server=$!
        read -r _ <ready
        ./client 300; echo $?
        kill $server; wait $server; echo $?
        wc -l <log
        awk '{ if ($NF != seen[$(NF-1)]++) wrong++ } END { for (i = 0; i < 64; i++) if (seen[i] != 300) wrong++; print wrong + 0 }' log
        sed -E 's/^[0-9]+:0:0: local0.info: .{15} program\[[0-9]+\]: .* [0-9]+ [0-9]+$/as sent/' log | sort | uniq -c | tr -s ' '
        """,
        "0\n0\n19200\n0\n 19200 as sent");

    [Fact]
    public void The_C_library_speaks_to_a_stream_where_there_is_one() => Inside(
        OwnDev + $$"""
        mkfifo ready; s6-syslogd -x /dev/datagrams -s /dev/log -c -d 5 >log 5>ready & server=$!
        read -r _ <ready
        setpriv --reuid 1000 --regid 1001 --clear-groups python3 -c 'import syslog; syslog.openlog("ident", syslog.LOG_PID); [syslog.syslog(m) for m in ("one", "two\n", "three")]'
        logger -u /dev/log --rfc5424=nohost,notq,notime -t tag five
        until_true eval '[ $(wc -l <log) -ge 4 ]'
        kill $server; wait $server; echo $?
        {{Show}} log
        """,
        """
        0
        PID:1000:1001: user.info: DATE ident[PID]: one
        PID:1000:1001: user.info: DATE ident[PID]: two
        PID:1000:1001: user.info: DATE ident[PID]: three
        PID:0:0: user.notice: 1 - - tag - - - five
        """);

    [Fact]
    public void Under_the_super_server_the_kernel_says_who_a_stream_client_is() => Script.Expect(
        """
        s6-ipcserver sock sh -c 'exec ucspilogd IPCREMOTEEUID IPCREMOTEEGID >>log' & server=$!
        until_true test -S sock
        until_true as1000 python3 -c 'import socket; s = socket.socket(socket.AF_UNIX); s.connect("sock"); s.sendall(b"<30>stream msg\0")'
        until_true test -s log; cat log; kill $server
        """,
        "1000: 1000: daemon.info: stream msg");

    [Fact]
    public void Headers_are_split_and_times_written_when_asked_for() => Script.Expect(
        """
        mkfifo ready; s6-syslogd -x s -p -T rfc3339 -d 5 >log 5>ready & server=$!
        read -r _ <ready
        python3 - <<'END'
        import socket
        s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        for m in ("<27>Nov 21 23:28:26 ident[19713]: a\tb", "<30>1 2026-11-28T04:10:00Z host app 7 ID47 [x y=\"z\"] text", "<13>nothing"):
            s.sendto(m.encode(), "s")
        END
        until_true eval '[ $(wc -l <log) -ge 3 ]'
        kill $server
        grep -cE '^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z ' log
        cut -d' ' -f2- log
        """,
        """
        3
        daemon.err: Nov 21 23:28:26<TAB>-<TAB>ident<TAB>19713<TAB>-<TAB>-<TAB>a\x09b
        daemon.info: 2026-11-28T04:10:00Z<TAB>host<TAB>app<TAB>7<TAB>ID47<TAB>[x y="z"]<TAB>text
        user.notice: -<TAB>-<TAB>-<TAB>-<TAB>-<TAB>-<TAB>nothing
        """.Replace("<TAB>", "\t", System.StringComparison.Ordinal));

    private static void Inside(string script, string output) => Script.Expect(
        $"cat >inside <<'SCRIPT'\nsource functions.bash\n{script}\nSCRIPT\nunshare --mount --net bash inside", output);
}
