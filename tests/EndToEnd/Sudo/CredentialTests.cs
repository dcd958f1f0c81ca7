using Xunit;

namespace LocalService.Tests.EndToEnd.Sudo;

/// <summary>The purpose of sudo: a service that runs as root under the gate lets one user run one program as root.</summary>
public sealed class CredentialTests
{
    [Theory]
    [InlineData("")]
    [InlineData("-S ")] // the gate as a program of its own
    public void A_named_user_runs_one_command_as_root_and_others_do_not(string option) => Script.Expect(
        $$"""
        put uid/1000/allow uid/default/deny
        umask 077
        echo secret >secret
        TERM= HOME=/root serve {{option}}-a 777 sock s6-ipcserver-access -v 0 -i r s6-sudod \
            sh -c 'id -u; echo "$0 $1"; cat secret -; echo "TERM=$TERM HOME=$HOME EVIL=${EVIL-unset} LD=${LD_LIBRARY_PATH-unset}"; echo error >&2; exit 9'
        chmod 755 .
        echo input | TERM=vt100 HOME=/tmp EVIL=1 LD_LIBRARY_PATH=/tmp as1000 s6-sudo sock one 'two words'
        echo $?
        echo input | setpriv --reuid 1001 --regid 1001 --clear-groups s6-sudo sock one two
        echo $?
        as1000 cat secret 2>&1 | sed 's/.*: //'
        """,
        """
        0
        one two words
        secret
        input
        TERM=vt100 HOME=/root EVIL=unset LD=unset
        9
        111
        Permission denied
        """,
        """
        error
        s6-sudoc: fatal: unable to connect to the s6-sudod server - check that you have appropriate permissions
        """);

    [Fact]
    public void Rules_add_to_the_environment_that_clients_may_fill() => Script.Expect(
        """
        put uid/1000/allow
        mkdir r/uid/1000/env
        echo >r/uid/1000/env/LANG
        echo given >r/uid/1000/env/GIVEN
        serve -a 777 sock s6-ipcserver-access -v 0 -i r s6-sudod sh -c 'echo "$LANG $GIVEN ${OTHER-unset} $IPCREMOTEEUID"'
        LANG=C.UTF-8 GIVEN=no OTHER=no IPCREMOTEEUID=0 as1000 s6-sudo sock
        """,
        "C.UTF-8 given unset 1000");

    [Theory]
    [InlineData("", "1  0")]
    [InlineData("-P", "  ")] // the server tells nothing about its client
    public void What_tells_of_the_client_and_where_programs_are_is_not_for_the_client_to_fill(string option, string expected) => Script.Expect(
        $$"""
        serve {{option}} sock env PATH= LANG= $(command -v s6-sudod) /bin/sh -c 'echo "$PROTO $IPCCONNNUM $IPCREMOTEPATH $IPCREMOTEEUID PATH=$PATH LANG=$LANG"'
        PROTO=X IPCCONNNUM=7 IPCREMOTEPATH=/evil IPCREMOTEEUID=7 PATH=/evil:$PATH LANG=C s6-sudo sock
        """,
        $"IPC {expected} PATH= LANG=C");

    [Fact]
    public void A_user_who_may_not_reach_the_socket_is_told() => Script.Expect(
        """
        serve -a 700 sock s6-sudod true
        as1000 s6-sudo sock
        echo $?
        """,
        "111",
        "s6-ipcclient: fatal: unable to connect to sock: Permission denied");
}
