using Xunit;

namespace LocalService.Tests.EndToEnd.Access;

/// <summary>Rules of groups: those that a client was in when it connected, as the kernel reports them.</summary>
public sealed class GroupRuleTests
{
    // with GROUPS COMMAND...: runs a command whose descriptor 0 is a connection of a process with these groups and root's ids.
    private const string With = """
        with() {
            case $1 in '') groups=--clear-groups ;; *) groups="--groups $1" ;; esac
            setpriv $groups withsocket 0 connected "${@:2}"
        }

        """;

    private const string Rules = """
        put group/33/allow group/44/deny group/55/allow uid/7/allow uid/8/deny gid/9/deny uid/default/deny
        mkdir r/group/33/env r/group/55/env
        echo first >r/group/33/env/WHICH
        echo second >r/group/55/env/WHICH
        s6-accessrules-cdb-from-fs c r

        """;

    private const string Refused = "unable to getsockopt SO_PEERGROUPS: ";

    [Theory]
    [InlineData("", "-i r")]
    [InlineData("", "-x c")]
    [InlineData("-S", "-i r")]
    [InlineData("-S", "-x c")]
    public void A_deny_of_any_group_counts_else_the_allow_of_the_lowest_number(string mode, string rules) => Script.Expect(
        Rules + $$"""
        serve -q {{mode}} sock s6-ipcserver-access -v0 {{rules}} sh -c 'echo $IPCREMOTEEUID $WHICH'
        ask() {
            case $3 in '') groups=--clear-groups ;; *) groups="--groups $3" ;; esac
            answer=$(setpriv --reuid $1 --regid $2 $groups s6-ipcclient sock s6-ioconnect 2>/dev/null)
            echo "$1 $2 $3: ${answer:-refused}"
        }
        ask 5 6 33; ask 5 6 55,33; ask 5 6 55; ask 5 33 ''
        ask 5 6 ''; ask 5 6 34; ask 5 6 33,44; ask 5 6 44,55,33; ask 5 44 33
        ask 7 6 44; ask 8 6 33; ask 5 9 33
        """,
        """
        5 6 33: 5 first
        5 6 55,33: 5 first
        5 6 55: 5 second
        5 33 : 5 first
        5 6 : refused
        5 6 34: refused
        5 6 33,44: refused
        5 6 44,55,33: refused
        5 44 33: refused
        7 6 44: 7
        8 6 33: refused
        5 9 33: refused
        """);

    [Fact]
    public void The_groups_are_those_of_the_time_of_the_connection() => Script.Expect(
        Rules +
        """
        cat >changing.py <<'END'
        import os, socket, subprocess, sys
        for before, after in ([33], []), ([], [33]), ([33], [44]), ([44], [33]):
            server = socket.socket(socket.AF_UNIX)
            server.bind(b"\0groups-%d" % os.getpid())
            server.listen()
            connected, changed = os.pipe()
            client = os.fork()
            if client == 0:
                os.setgroups(before)
                connection = socket.socket(socket.AF_UNIX)
                connection.connect(server.getsockname())
                os.setgroups(after)
                os.write(changed, b"x")
                connection.recv(1)
                os._exit(0)
            os.read(connected, 1)
            connection = server.accept()[0]
            server.close()
            gate = ["s6-ipcserver-access", "-v0", "-E", "-i", "r", "true"]
            environment = {**os.environ, "PROTO": "IPC", "IPCREMOTEEUID": "5", "IPCREMOTEEGID": "6"}
            print(before, after, subprocess.run(gate, stdin=connection, env=environment).returncode)
            connection.close()
            os.waitpid(client, 0)
        END
        python3 changing.py
        """,
        """
        [33] [] 0
        [] [33] 1
        [33] [44] 0
        [44] [33] 1
        """);

    [Theory]
    [InlineData("-i r")]
    [InlineData("-x c")]
    public void Any_number_of_groups_is_looked_up(string rules) => Script.Expect(
        $$"""
        put group/101000/allow group/165535/allow uid/default/deny
        s6-accessrules-cdb-from-fs c r
        member() {
            python3 -c 'import os, sys; os.setgroups(range(100000, int(sys.argv[1]))); os.execvp(sys.argv[2], sys.argv[2:])' $1 \
                withsocket 0 connected acc -v0 -E {{rules}} echo in || echo $?
        }
        member 101000; member 101001; member 165535; member 165536
        rm r/group/101000/allow; mkdir r/group/165534; touch r/group/165534/deny
        s6-accessrules-cdb-from-fs c r
        member 165534; member 165535; member 165536
        """,
        """
        1
        in
        in
        in
        1
        1
        1
        """);

    [Theory]
    [InlineData("EPERM", "Operation not permitted")]
    [InlineData("ENOPROTOOPT", "Protocol not available")]
    [InlineData("ENOSYS", "Function not implemented")]
    [InlineData("ENOMEM", "Cannot allocate memory")]
    public void Where_the_kernel_does_not_tell_nobody_is_let_in_whom_such_a_rule_could_decide_about(string error, string text) => Script.Expect(
        With + Rules + $$"""
        refusing="strace -qq -o /dev/null -e trace=getsockopt -e inject=getsockopt:error={{error}}"
        for rules in '-i r' '-x c'; do
            with 33 $refusing acc -E $rules echo in || echo $?
            U=7 with 33 $refusing acc -v0 -E $rules echo by the uid
        done
        rm -r r/group; touch r/uid/default/allow; s6-accessrules-cdb-from-fs c r
        for rules in '-i r' '-x c'; do with 33 $refusing acc -v0 -E $rules echo no such rules; done
        """,
        "111\nby the uid\n111\nby the uid\nno such rules\nno such rules",
        $"s6-ipcserver-access: fatal: {Refused}{text}\ns6-ipcserver-access: fatal: {Refused}{text}");

    [Fact]
    public void A_server_that_can_not_ask_refuses_and_goes_on() => Script.Expect(
        Rules + $$"""
        serve -q -j 1 sock s6-ipcserver-access -v0 -i r echo in 2>log
        cl; cl
        # The thread that asks gates is there now, the only one: injections count for each. The first call for each client is SO_PEERCRED.
        attach -e trace=getsockopt -e inject=getsockopt:error=ENOPROTOOPT:when=2
        setpriv --groups 33 cl; setpriv --groups 33 cl
        detach
        setpriv --groups 33 cl
        grep access: log
        """,
        $"in\nin\ns6-ipcserver-access: fatal: {Refused}Protocol not available");

    [Fact]
    public void Without_a_connection_nobody_is_in_a_group() => Script.Expect(
        Rules + """
        acc -E -i r echo in || echo $?
        acc -E -i r echo in <&- || echo $?
        withsocket 0 tcp-connected acc -E -i r echo in || echo $?
        """,
        "111\n111\n111",
        $"""
        s6-ipcserver-access: fatal: {Refused}Socket operation on non-socket
        s6-ipcserver-access: fatal: {Refused}Bad file descriptor
        s6-ipcserver-access: fatal: {Refused}No data available
        """);

    [Fact]
    public void Groups_without_a_mapping_are_none() => Script.Expect(
        With + """
        put group/65534/allow group/33/allow
        for options in '' -n; do
            with 3000 true && setpriv --groups 3000 partlymapped withsocket 0 connected acc -v0 -E $options -i r echo in || echo $?
            setpriv --groups 3000,33 partlymapped withsocket 0 connected acc -v0 -E $options -i r echo in
        done
        U=5 G=65534 partlymapped withsocket 0 connected acc -v0 -E -n -i r echo in || echo $?
        # Where it is mapped it is a group like any other.
        with 65534 acc -v0 -E -i r echo in
        """,
        "1\nin\n1\nin\n1\nin");

    [Fact]
    public void What_stands_in_the_place_of_the_rules_and_can_not_be_read_refuses() => Script.Expect(
        With + """
        put uid/default/allow; ln -s nowhere r/group
        with 33 acc -E -i r echo in || echo $?
        rm r/group; touch r/group
        with 33 acc -E -i r echo in || echo $?
        rm r/group; put group/33/env
        with 33 acc -v0 -E -i r echo no rule of the group
        chmod 755 . r; mkdir r/group/33/deny; chmod 0 r/group
        setpriv --reuid 5 --regid 6 --groups 33 withsocket 0 connected acc -E -i r echo in || echo $?
        """,
        "111\n111\nno rule of the group\n111",
        """
        s6-ipcserver-access: fatal: unable to check fs ruleset in r: Identifier removed
        s6-ipcserver-access: fatal: unable to check fs ruleset in r: Not a directory
        s6-ipcserver-access: fatal: unable to check fs ruleset in r: Permission denied
        """);

    [Fact]
    public void A_database_of_another_compiler_has_no_such_rules() => Script.Expect(
        With + """
        mkcdb c group/33 'A\0\0\0\0' label/x D uid/7 'A\0\0\0\0'
        with 33 strace -qq -o trace -e trace=getsockopt acc -v0 -E -x c echo in || echo $?
        grep -c getsockopt trace
        s6-access-check --lint c
        mkcdb c group/33 'A\0\0\0\0' .group K
        with 33 acc -v0 -E -x c echo in
        """,
        """
        1
        0
        c/group/33: never reached: the compiler has left no mark that there are rules of this kind
        c/label/x: never reached: the compiler has left no mark that there are rules of this kind
        in
        """);

    [Fact]
    public void They_survive_the_way_into_a_database_and_back() => Script.Expect(
        """
        put group/33/allow group/root/deny label/x/deny uid/0/allow; rm r/group/root/deny; touch r/group/root/allow
        s6-accessrules-cdb-from-fs -n c r; s6-accessrules-fs-from-cdb d c; (cd d; find . -type f | sort)
        rm -r r/group/* r/label/x; s6-accessrules-cdb-from-fs c r; s6-accessrules-fs-from-cdb e c; diff -r r e && ls e
        # Without them nothing is different.
        rmdir r/group r/label; s6-accessrules-cdb-from-fs c r; grep -cE 'group|label' c
        """,
        """
        ./group/0/allow
        ./group/33/allow
        ./label/x/deny
        ./uid/0/allow
        group
        label
        uid
        0
        """);

    [Fact]
    public void No_wrong_byte_lets_in_whom_a_group_denies() => Script.Expect(
        """
        put group/33/allow group/44/deny uid/default/allow
        s6-accessrules-cdb-from-fs whole r
        cat >bytes.py <<'END'
        import os, socket, shutil, subprocess
        os.setgroups([33, 44])
        connection = socket.socketpair()[0]
        gate = shutil.which("s6-ipcserver-access")
        environment = {"PATH": "/usr/bin:/bin", "PROTO": "IPC", "IPCREMOTEEUID": "5", "IPCREMOTEEGID": "6"}
        null = os.open("/dev/null", os.O_WRONLY)
        actions = [(os.POSIX_SPAWN_DUP2, connection.fileno(), 0), (os.POSIX_SPAWN_DUP2, null, 2)]
        whole = open("whole", "rb").read()
        heads = [place for place in range(0, 2048) if whole[place // 8 * 8 + 4]]
        codes = []
        for place in [*heads, *range(2048, len(whole))]:
            data = bytearray(whole)
            data[place] ^= 1 << place % 8
            with open("c", "wb") as file:
                file.write(data)
            pid = os.posix_spawn(gate, ["gate", "-v0", "-E", "-x", "c", "/bin/true"], environment, file_actions=actions)
            codes.append(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
            assert codes[-1] in (1, 111), (place, codes[-1])
        print(set(codes) == {1, 111}, len(codes) > 200)
        END
        python3 bytes.py
        """,
        "True True");

    // Both states refuse: the rules before the change and the rules after it.
    [Theory]
    [InlineData("group/33/allow group/44/deny", "mv r/group/33/allow r/group/33/deny; rm r/group/44/deny")]
    [InlineData("group/33/other group/44/deny", "touch r/group/33/deny; mv r/group/44/deny r/group/44/allow")]
    [InlineData("uid/default/deny", "put group/33/deny; mv r/uid/default/deny r/uid/default/allow")]
    [InlineData("group/33/deny uid/default/allow", "mv r/uid/default/allow r/uid/default/deny; mv r/group gone")]
    public void A_decision_is_that_of_one_state(string rules, string change) => Script.Expect(
        With + $$"""
        with 33,44 stopped.py 'rm -rf r gone; put {{rules}}' '{{change}}' acc -v0 -E -i r echo in | grep -v ^stopped
        """,
        "1:");

    [Fact]
    public void The_holder_has_them_too() => Script.Expect(
        """
        put uid/default/deny; grant_all group/33; put group/44/deny
        hold 2>log
        list() { setpriv --reuid 5 --regid 6 --groups $1 s6-fdholder-list sk >/dev/null 2>&1; echo $1 $?; }
        chmod 777 sk; list 33; list 34; list 33,44
        kill $server; wait $server
        s6-accessrules-cdb-from-fs c r; rm sk
        SERVER=s6-fdholder-daemon serve -x c sk 2>log; chmod 777 sk; list 33; list 33,44
        """,
        "33 0\n34 1\n33,44 1\n33 0\n33,44 1");
}
