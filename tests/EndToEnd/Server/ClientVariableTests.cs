using Xunit;

namespace LocalService.Tests.EndToEnd.Server;

/// <summary>What ipcserverd tells a program about its client besides the ids: process, groups and label.</summary>
public sealed class ClientVariableTests
{
    // inject WHAT: traces the server and changes the effect of each thread's second getsockopt; the first one for a client is SO_PEERCRED.
    private const string Inject = """
        inject() { attach -e trace=getsockopt -e "inject=getsockopt:$1:when=2"; }

        """;

    [Theory]
    [InlineData("env")]
    [InlineData("s6-ipcserver-access -v0 s6-connlimit env")]
    [InlineData("/usr/bin/env s6-ipcserver-access -v0 env")]
    public void They_are_those_of_the_client(string program) => Script.Expect(
        $$"""
        export IPCREMOTEPID=1 IPCREMOTEGROUPS=2 IPCREMOTELABEL=3 IPCREMOTEPIDFD=4
        serve -q -Im sock {{program}}
        ask() { setpriv $1 sh -c 'echo IPCREMOTEPID=$$; exec s6-ipcclient sock s6-ioconnect' | grep -E 'REMOTE(PID|GROUPS|LABEL)' | sort | uniq -c | sed 's/PID=[0-9]*/PID/'; }
        ask '--groups 44,33,70000'
        ask --clear-groups
        kill $server; wait $server
        serve -q sock {{program}}
        ask --clear-groups
        kill $server; wait $server
        serve -q -PIm sock env
        ask --clear-groups
        """,
        """
              1 IPCREMOTEGROUPS=33,44,70000
              2 IPCREMOTEPID
              1 IPCREMOTEGROUPS=
              2 IPCREMOTEPID
              1 IPCREMOTEPID
              1 IPCREMOTEPID
        """);

    [Fact]
    public void A_process_of_another_PID_namespace_has_no_number() => Script.Expect(
        """
        mkfifo ready; unshare --pid --fork --kill-child s6-ipcserver -1 -q -I sock sh -c 'echo "[$IPCREMOTEPID]"' >ready & read -r _ <ready
        cl
        """,
        "[]");

    [Fact]
    public void Groups_are_told_in_full_or_the_client_is_refused() => Script.Expect(
        """
        serve -m sock sh -c 'echo $IPCREMOTEGROUPS | tr , "\n" | wc -l' 2>log
        ask() { python3 -c 'import os, sys; os.setgroups(range(10000, 10000 + int(sys.argv[1]))); os.execvp("cl", ["cl"])' $1; }
        ask 5000; ask 25000
        grep spawn log
        cl
        """,
        "5000\ns6-ipcserverd: warning: unable to spawn sh: Argument list too long\n1");

    [Theory]
    [InlineData("-m", "GROUPS", "ENOPROTOOPT", "Protocol not available")]
    [InlineData("-m", "GROUPS", "EPERM", "Operation not permitted")]
    [InlineData("-m", "GROUPS", "ENOSYS", "Function not implemented")]
    [InlineData("-l", "SEC", "ENOPROTOOPT", "Protocol not available")]
    [InlineData("-l", "SEC", "ERANGE", "Numerical result out of range")]
    public void Where_the_kernel_does_not_tell_the_client_is_refused(string option, string call, string error, string text) => Script.Expect(
        Inject + $"""
        serve {option} -s status sock echo in 2>log
        inject error={error}
        cl
        detach
        cat log; s6-status -j status | grep -oE '"unidentified": [0-9]+|"live": [0-9]+' | sort -u
        """,
        $"s6-ipcserverd: warning: unable to getsockopt SO_PEER{call}: {text}\n\"live\": 0\n\"unidentified\": 1");

    [Fact]
    public void Where_memory_is_short_the_client_waits() => Script.Expect(
        Inject + """
        serve -m sock echo in 2>log
        inject error=ENOMEM
        cl
        detach
        cat log
        """,
        "in\ns6-ipcserverd: warning: unable to getsockopt SO_PEERGROUPS: Cannot allocate memory");

    [Theory]
    [InlineData("613a6200", "04", "a:b")]
    [InlineData("2f612062", "04", "/a b")]
    [InlineData("00", "01", "")]
    public void A_label_is_told_as_it_is(string label, string length, string expected) => Script.Expect(
        Inject + $$"""
        serve -l sock sh -c 'echo "[$IPCREMOTELABEL]"'
        inject retval=0:poke_exit=@arg4={{label}},@arg5={{length}}000000
        cl
        detach
        """,
        $"[{expected}]");

    [Fact]
    public void A_label_with_a_NUL_in_it_can_not_be_told() => Script.Expect(
        Inject + """
        serve -l sock echo in 2>log
        inject retval=0:poke_exit=@arg4=610062,@arg5=03000000
        cl
        detach
        cat log
        """,
        "s6-ipcserverd: warning: unable to getsockopt SO_PEERSEC: Invalid or incomplete multibyte or wide character");
}
