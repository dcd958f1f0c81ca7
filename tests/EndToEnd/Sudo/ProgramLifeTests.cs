using Xunit;

namespace LocalService.Tests.EndToEnd.Sudo;

/// <summary>The fate of the program when its client, its server or the program itself behaves unusually.</summary>
public sealed class ProgramLifeTests
{
    [Theory]
    [InlineData("KILL")]
    [InlineData("TERM")]
    [InlineData("HUP")]
    public void The_program_is_asked_to_end_when_its_client_dies(string signal) => Script.Expect(
        $$"""
        serve sock s6-sudod sh -c 'trap "echo asked >asked; exit" TERM; echo $$ >pid; while :; do sleep .02; done'
        s6-sudo sock &
        client=$!
        disown
        until_true test -s pid
        told $(cat pid)
        kill -{{signal}} $client
        until_true test -s asked
        cat asked
        until_true sh -c '! kill -0 $(cat pid) 2>/dev/null'
        """,
        "asked");

    [Fact]
    public void A_stopped_program_ends_when_its_client_dies() => Script.Expect(
        """
        serve sock s6-sudod sh -c 'echo $$ >pid; kill -STOP $$; echo went on'
        s6-sudo sock &
        client=$!
        disown
        until_true test -s pid
        until_true grep -q '^State:.T' /proc/$(cat pid)/status
        told $(cat pid)
        kill -KILL $client
        until_true sh -c '! kill -0 $(cat pid) 2>/dev/null'
        echo gone
        """,
        "gone");

    [Fact]
    public void A_time_limit_of_the_client_ends_the_program() => Script.Expect(
        """
        serve sock s6-sudod sh -c 'echo $$ >pid; exec sleep 100'
        s6-sudo -T 200 sock
        echo $?
        until_true sh -c '! kill -0 $(cat pid) 2>/dev/null'
        """,
        "111",
        "s6-sudoc: fatal: the command did not end within 200 ms");

    [Theory]
    [InlineData("-v 2", "exit 3", "1 s6-sudod: info: end pid N exitcode 3")]
    [InlineData("-v 2 -d", "exit 3", "1 s6-sudod: info: end pid N exitcode 3")]
    [InlineData("-v 2", "kill -9 $$", "1 s6-sudod: info: end pid N signal 9")]
    [InlineData("-v 1", "exit 3", "")]
    [InlineData("", "exit 3", "")]
    public void At_verbosity_2_the_log_tells_how_the_program_ended(string options, string end, string log) => Script.Expect(
        $"""
        serve sock s6-sudod {options} sh -c 'echo $$ >pid; {end}' 2>log
        sh -c 's6-sudo sock; :' 2>/dev/null
        until_true sh -c "! grep -q . /proc/$server/task/$server/children"
        sed "s/pid $(cat pid) /pid N /" log | sort | uniq -c | sed 's/^ *//'
        """,
        log);

    [Theory]
    [InlineData("", "s6-sudod: info: abandon pid N: the client is gone")]
    [InlineData("-d", "s6-sudod: info: end pid N exitcode 5")]
    public void At_verbosity_2_the_log_tells_of_a_client_that_is_gone(string option, string log) => Script.Expect(
        $$"""
        serve sock s6-sudod -v 2 {{option}} sh -c 'echo $$ >pid; while ! test -e go; do sleep .02; done; exit 5' 2>log
        s6-sudo -T 100 sock 2>/dev/null
        until_true test -s pid
        >go
        until_true test -s log
        sed "s/pid $(cat pid)/pid N/" log
        """,
        log);

    [Fact]
    public void A_program_that_daemonizes_ends_for_its_client_and_goes_on() => Script.Expect(
        """
        serve sock s6-sudod sh -c '{ while ! test -e go; do sleep .02; done; echo late; } & echo early; exit 3'
        mkfifo output
        s6-sudo sock >output &
        client=$!
        exec 5<output
        wait $client
        echo $?
        until_true sh -c "! grep -q . /proc/$server/task/$server/children"
        >go
        cat <&5
        """,
        """
        3
        early
        late
        """);

    [Fact]
    public void With_d_a_program_outlives_its_client_and_its_end_is_no_error() => Script.Expect(
        """
        serve -v sock s6-sudod -d sh -c 'while ! test -e go; do sleep .02; done; echo done >done' 2>log
        s6-sudo sock &
        client=$!
        disown
        until_true grep -q 'allow' log
        until_true sh -c 'ls /proc/*/cwd >/dev/null 2>&1; pgrep -P $(pgrep -P '$server' -x s6-sudod) >/dev/null'
        kill -KILL $client
        >go
        until_true grep -q 'end pid' log
        cat done
        sed -n 's/.*end pid [0-9]* uid 0/end/p' log
        """,
        """
        done
        end exitcode 0
        """);

    [Theory]
    [InlineData("", 111, "nothing")]
    [InlineData("-d", 0, "done")]
    public void A_client_that_can_not_be_told_of_the_start_has_gone_away(string option, int exitCode, string done) => Script.Expect(
        $$"""
        cat >deaf.py <<'END'
        import os, signal, socket, subprocess, sys
        from sudo_wire import *
        signal.alarm(30)
        ours, theirs = socket.socketpair()
        sudod = subprocess.Popen(["s6-sudod", *sys.argv[1:]], stdin=theirs, stdout=theirs)
        theirs.close()
        receive(ours, 15)
        # Nothing can be sent to this end any more, but it is still there.
        ours.shutdown(socket.SHUT_RD)
        read, write = os.pipe()
        send(ours, message(), (0, write, 2))
        os.close(write)
        if "-d" in sys.argv:
            ours.close()
            open("go", "w").close()
        # The end of the pipe: the program is gone.
        print(sudod.wait(), os.read(read, 10))
        END
        PYTHONPATH=$(dirname "$(command -v sudowire)") python3 -B deaf.py {{option}} \
            sh -c 'while ! test -e go; do sleep .02; done; echo done >end' 2>error
        cat end 2>/dev/null || echo nothing
        """,
        $"""
        {exitCode} b''
        {done}
        """);

    [Fact]
    public void Nobody_but_the_program_keeps_what_the_client_lent() => Script.Expect(
        """
        serve sock s6-sudod sh -c 'echo out; exec >&-; while ! test -e go; do sleep .02; done; exit 4'
        mkfifo output
        s6-sudo sock >output &
        client=$!
        cat output
        >go
        wait $client
        echo $?
        """,
        """
        out
        4
        """);

    [Theory]
    [InlineData("-1")]
    [InlineData("-d")]
    public void What_the_program_does_not_get_is_closed_at_once(string option) => Script.Expect(
        $"""
        serve sock s6-sudod {option} sh -c 'while ! test -e go; do sleep .02; done; exit 4'
        mkfifo output
        s6-sudo sock >output &
        client=$!
        cat output
        >go
        wait $client
        echo $?
        """,
        "4");

    [Fact]
    public void The_program_has_three_descriptors_and_no_signal_blocked_or_ignored() => Script.Expect(
        """
        sudowire d args='showsig' -- sigrun 13,17 10,15 s6-sudod
        sudowire d args='sh|-c|ls /proc/$$/fd' -- s6-sudod
        sudowire d args='sh|-c|ls /proc/$$/fd' -- s6-sudod -d
        """,
        """
        blocked: ignored:
        answer 00 00000000
        exit 0
        0
        1
        2
        answer 00 00000000
        exit 0
        answer 00 00000000
        exit 0
        """);

    [Fact]
    public void Flags_of_what_is_lent_stay_as_they_are() => SudoScript.Expect(
        "sock s6-sudod cat",
        """
        for flag in 0, os.O_NONBLOCK:
            (read, write), (result, output) = os.pipe(), os.pipe()
            os.write(write, b"text")
            os.close(write)
            for end in read, output:
                fcntl.fcntl(end, fcntl.F_SETFL, flag)
            before = [fcntl.fcntl(end, fcntl.F_GETFL) for end in (read, output)]
            code = subprocess.run(["s6-sudo", "sock"], stdin=read, stdout=output).returncode
            print(code, [fcntl.fcntl(end, fcntl.F_GETFL) for end in (read, output)] == before, os.read(result, 10))
        """,
        """
        0 True b'text'
        0 True b'text'
        """);

    [Fact]
    public void Closed_standard_descriptors_of_the_client_are_the_null_device() => Script.Expect(
        """
        serve sock s6-sudod sh -c 'seen=$(readlink /proc/$$/fd/0 /proc/$$/fd/1 /proc/$$/fd/2); echo "$seen" >seen'
        s6-sudo sock <&- >&- 2>&-
        cat seen
        """,
        """
        /dev/null
        /dev/null
        /dev/null
        """);

    [Fact]
    public void Decision_20_a_signal_comes_back_as_itself_and_without_a_second_core() => SudoScript.Expect(
        "sock s6-sudod sh -c",
        """
        import resource
        resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2)
        for name in "TERM", "KILL", "ABRT", "SEGV", "USR1", "PIPE", "HUP":
            process = subprocess.Popen(["sigrun", "10,13", "1,15", "s6-sudo", "sock", "kill -%s $$" % name])
            status = os.waitpid(process.pid, 0)[1]
            process.returncode = 0
            print(name, status == getattr(signal, "SIG" + name))
        """,
        """
        TERM True
        KILL True
        ABRT True
        SEGV True
        USR1 True
        PIPE True
        HUP True
        """);

    [Fact]
    public void A_status_that_no_program_ends_with_is_none() => Script.Expect(
        """
        for status in 0000137f 0000ffff 00010000 00000080 ffffffff; do
            sudowire c send="B|00|$status" -- s6-sudoc -e
        done 2>&1 | grep -v message
        # Signals that don't kill.
        for status in 00000011 00000012 00000013 0000001c; do
            sudowire c send="B|00|$status" -- s6-sudoc -e
        done 2>&1 | grep -v message
        """,
        """
        s6-sudoc: fatal: unable to get exit status from server: Protocol error
        exit 111
        s6-sudoc: fatal: unable to get exit status from server: Protocol error
        exit 111
        s6-sudoc: fatal: unable to get exit status from server: Protocol error
        exit 111
        s6-sudoc: fatal: unable to get exit status from server: Protocol error
        exit 111
        s6-sudoc: fatal: unable to get exit status from server: Protocol error
        exit 111
        exit 145
        exit 146
        exit 147
        exit 156
        """);

    [Fact]
    public void Arguments_that_no_program_can_be_given_are_an_error_of_the_start() => SudoScript.Expect(
        "sock s6-sudod true",
        """
        print(ask([b"x" * 200000]).hex())
        print(ask([b"x" * 1000] * 8000).hex())
        print(ask([b"x" * 100000] * 10).hex())
        """,
        """
        07
        07
        0000000000
        """,
        "2 s6-sudod: fatal: unable to spawn true: Argument list too long");
}
