using Xunit;

namespace LocalService.Tests.EndToEnd.Server;

/// <summary>Gates in a server that runs out of memory or stack, or whose calls fail: clients may be refused, but the server goes on.</summary>
public sealed class GateShortageTests
{
    [Fact]
    public void Memory_that_is_missing_for_the_program_of_a_rule_does_not_end_the_server() => Script.Expect(
        """
        put uid/0/allow
        echo 'echo script' >r/uid/0/exec
        export PATH=$PATH:$(python3 -c 'print(":".join(f"/nowhere/{i}" for i in range(3500)))')
        cat >short.py <<'END'
        import os, signal, socket, subprocess
        def ask():
            with socket.socket(socket.AF_UNIX) as client:
                client.connect("sk")
                return client.recv(100)
        ends = []
        for number in range(1, 25):
            listener = socket.socket(socket.AF_UNIX)
            listener.bind("sk")
            listener.listen()
            inject = f"inject=mmap,mremap:error=ENOMEM:when={number}"
            server = subprocess.Popen(
                ["strace", "-qq", "-o", "trace", "-e", "trace=mmap,mremap", "-e", inject,
                 "s6-ipcserverd", "-1", "-v0", "s6-ipcserver-access", "-v0", "-i", "r", "echo", "program"],
                stdin=listener, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            listener.close()
            # One that has no memory to start with says nothing here.
            if server.stdout.readline():
                try:
                    answers = {ask() for i in range(3)}
                    assert answers <= {b"", b"script\n"} and ask() == b"script\n", answers
                except OSError as error:
                    ends.append((number, str(error)))
                for child in open(f"/proc/{server.pid}/task/{server.pid}/children").read().split():
                    os.kill(int(child), signal.SIGTERM)
            server.wait()
            os.unlink("sk")
        print(ends)
        END
        python3 short.py
        """,
        "[]");

    [Theory]
    [InlineData("-i r"), InlineData("-x c")]
    public void Twenty_four_KiB_of_stack_are_enough(string rules) => Script.Expect(
        $$"""
        put uid/0/allow uid/1000/deny
        mkdir r/uid/0/env
        head -c 4000 /dev/zero | tr '\0' x >r/uid/0/env/X
        s6-accessrules-cdb-from-fs c r
        chmod 755 .
        mkfifo ready
        env -i PATH=$PATH prlimit --stack=24576 s6-ipcserver -1 sock s6-ipcserver-access -v 2 {{rules}} busybox sh -c 'echo ${#X}' >ready &
        server=$!
        read -r _ <ready
        for i in 1 2 3; do s6-ipcclient sock s6-ioconnect; done
        as1000 s6-ipcclient sock s6-ioconnect
        kill $server
        wait $server && echo ended well
        """,
        """
        4000
        4000
        4000
        ended well
        """,
        """
        s6-ipcserver-access: info: allow pid PID uid 0 gid 0
        s6-ipcserver-access: info: allow pid PID uid 0 gid 0
        s6-ipcserver-access: info: allow pid PID uid 0 gid 0
        s6-ipcserver-access: info: deny pid PID uid 1000 gid 1000: Permission denied
        """);

    [Theory]
    [InlineData("s6-ipcserverd true", 10, "s6-ipcserverd")]
    [InlineData("s6-fdholderd -i r", 64, "s6-fdholderd")]
    public void A_stack_that_is_too_small_is_said_at_the_start(string server, int kibibytes, string program) => Script.Expect(
        $$"""
        cat >small.py <<'END'
        import os, resource, socket, sys
        listener = socket.socket(socket.AF_UNIX)
        listener.bind("sk")
        listener.listen()
        os.dup2(listener.fileno(), 0)
        resource.setrlimit(resource.RLIMIT_STACK, ({{kibibytes}} * 1024,) * 2)
        os.execve(sys.argv[1], sys.argv[1:], {"PATH": "/usr/bin:/bin"})
        END
        set -- {{server}}
        # The kernel begins a stack at a random place, up to 8 KiB below its top.
        setarch -R python3 small.py $(command -v $1) "${@:2}" || echo $?
        """,
        "111",
        $"{program}: fatal: stack size limit too low");

    [Theory]
    [InlineData("-i r"), InlineData("-x c")]
    public void A_single_fault_in_a_gate_lets_nobody_in_and_ends_no_server(string rules) => Script.Expect(
        $$"""
        put uid/1000/deny uid/0/allow uid/default/allow
        mkdir r/uid/0/env
        echo 1 >r/uid/0/env/X
        s6-accessrules-cdb-from-fs c r
        serve -q sock s6-ipcserver-access -v 0 {{rules}} sh -c 'echo let in $X' 2>/dev/null
        ask() { s6-ipcclient sock s6-ioconnect; }
        chmod 755 .
        ask >/dev/null
        for call in openat newfstatat fstat faccessat getdents64 pread64 mmap munmap getsockname; do
            for error in EIO ENOMEM EINTR; do
                for number in 1 2 3 4 6 9; do
                    strace -f -qq -o trace -e trace=$call -e inject=$call:error=$error:when=$number -p $server 2>/dev/null &
                    tracer=$!
                    until_true grep -q "TracerPid:.$tracer" /proc/$server/status
                    as1000 s6-ipcclient sock s6-ioconnect
                    kill $tracer
                    wait $tracer
                done
            done
        done
        ask
        kill $server
        wait $server && echo ended well
        """,
        """
        let in 1
        ended well
        """);
}
