using Xunit;

namespace LocalService.Tests.EndToEnd.Access;

/// <summary>Faulty rules directories. In doubt the client is refused: decisions 1 and 2.</summary>
public sealed class RuleDirectoryFaultTests
{
    [Fact]
    public void Decision_1_what_cannot_be_read_refuses_although_a_later_rule_allows() => Script.Expect(
        """
        for hidden in uid/1000/allow uid/1000/deny uid/1000/env uid/1000/env/X uid/1000/exec uid/1000 uid gid/1000 gid .; do
            rm -rf r
            put uid/1000/allow uid/1000/env/X uid/1000/exec gid/1000/allow uid/default/allow
            [ $hidden != uid/1000/deny ] || mv r/uid/1000/allow r/uid/1000/deny
            [ ${hidden%%/*} != gid ] || rm -r r/uid/1000
            chmod 0 r/$hidden
            for uid in 1000 65534 0; do
                setpriv --reuid $uid --regid $uid --clear-groups env PROTO=IPC IPCREMOTEEUID=1000 IPCREMOTEEGID=1000 \
                    s6-ipcserver-access -v 0 -E -i r true 2>error
                code=$?
                [ $code != 111 ] || grep -q '^s6-ipcserver-access: fatal: unable to check fs ruleset in r: Permission denied$' error || cat error
                printf '%s ' $code
            done
            echo $hidden
        done
        """,
        """
        111 111 0 uid/1000/allow
        111 111 1 uid/1000/deny
        111 111 0 uid/1000/env
        111 111 0 uid/1000/env/X
        111 111 0 uid/1000/exec
        111 111 0 uid/1000
        111 111 0 uid
        111 111 0 gid/1000
        111 111 0 gid
        111 111 0 .
        """);

    [Fact]
    public void Decision_1_counts_for_a_server_that_has_dropped_root() => Script.Expect(
        """
        put uid/1000/deny uid/default/allow
        chmod 600 r/uid/1000/deny
        serve -u 1002 -g 1002 sock s6-ipcserver-access -v 0 -i r echo hello
        as1000 s6-ipcclient sock s6-ioconnect
        s6-ipcclient sock s6-ioconnect
        """,
        "hello",
        "s6-ipcserver-access: fatal: unable to check fs ruleset in r: Permission denied");

    [Fact]
    public void Decision_2_a_missing_directory_refuses_and_says_so() => Script.Expect(
        """
        for verbosity in 0 1 2; do
            acc -v $verbosity -E -i r true
            echo $?
        done
        """,
        """
        1
        1
        1
        """,
        """
        s6-ipcserver-access: warning: rules directory r does not exist
        s6-ipcserver-access: warning: rules directory r does not exist
        s6-ipcserver-access: info: deny pid PID uid 1000 gid 1001: No such file or directory
        """);

    [Theory]
    [InlineData("r")]
    [InlineData("r/uid")]
    [InlineData("r/uid/1000")]
    public void A_file_in_the_place_of_a_directory_is_an_error(string place) => Script.Expect(
        $$"""
        place={{place}}
        put uid/default/allow
        rm -rf $place
        touch $place
        acc -v 0 -E -i r true || echo $?
        """,
        "111",
        "s6-ipcserver-access: fatal: unable to check fs ruleset in r: Not a directory");

    [Fact]
    public void Other_kinds_of_files_are_taken_for_what_they_are_or_refused_never_waited_for() => Script.Expect(
        """
        ln -s loop loop
        for place in allow deny env env/X exec .; do
            for kind in fifo loop dangling device directory socket; do
                rm -rf r
                put uid/1000/allow uid/default/deny
                at=r/uid/1000/$place
                case $place in
                    deny) rm r/uid/1000/allow ;;
                    env/X) mkdir r/uid/1000/env ;;
                    .) rm -r r/uid/1000; at=r/uid/1000 ;;
                esac
                rm -f $at
                case $kind in
                    fifo) mkfifo $at ;;
                    loop) ln -s "$PWD/loop" $at ;;
                    dangling) ln -s nowhere $at ;;
                    device) ln -s /dev/zero $at ;;
                    directory) mkdir $at ;;
                    socket) python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' $at ;;
                esac
                result=$(acc -v 0 -E -i r echo let in 2>&1)
                echo "$place $kind: $? ${result#s6-ipcserver-access: fatal: unable to check fs ruleset in r: }"
            done
        done
        """,
        """
        allow fifo: 0 let in
        allow loop: 111 Too many levels of symbolic links
        allow dangling: 1 
        allow device: 0 let in
        allow directory: 0 let in
        allow socket: 0 let in
        deny fifo: 1 
        deny loop: 111 Too many levels of symbolic links
        deny dangling: 111 Identifier removed
        deny device: 1 
        deny directory: 1 
        deny socket: 1 
        env fifo: 111 Not a directory
        env loop: 111 Too many levels of symbolic links
        env dangling: 111 Identifier removed
        env device: 111 Not a directory
        env directory: 0 let in
        env socket: 111 Not a directory
        env/X fifo: 111 No such device
        env/X loop: 111 Too many levels of symbolic links
        env/X dangling: 111 Identifier removed
        env/X device: 111 No such device
        env/X directory: 111 Is a directory
        env/X socket: 111 No such device or address
        exec fifo: 111 No such device
        exec loop: 111 Too many levels of symbolic links
        exec dangling: 111 Identifier removed
        exec device: 111 No such device
        exec directory: 111 Is a directory
        exec socket: 111 No such device or address
        . fifo: 111 Not a directory
        . loop: 111 Too many levels of symbolic links
        . dangling: 111 Identifier removed
        . device: 111 Not a directory
        . directory: 1 
        . socket: 111 Not a directory
        """);

    [Fact]
    public void Odd_names_beside_the_rules_do_no_harm() => Script.Expect(
        """
        put uid/1000/allow
        touch r/README r/uid/notes
        mkdir 'r/uid/odd name' r/uid/-1 r/$'new\nline' r/.hidden r/uid/01000
        touch r/uid/01000/deny
        acc -v 0 -E -i r echo let in
        """,
        "let in");

    [Fact]
    public void Variables_may_have_odd_names() => Script.Expect(
        """
        put uid/1000/allow
        mkdir r/uid/1000/env
        for name in 'a b' $'new\nline' x.y .hidden equal=sign $'\xff' 7; do
            echo v >"r/uid/1000/env/$name"
        done
        rawenv PROTO=IPC IPCREMOTEEUID=1000 IPCREMOTEEGID=1 -- "$(command -v s6-ipcserver-access)" -v0 -E -i r "$(command -v showenv)" |
            sed 's/> /\n/g' | sort
        rm -r r
        """,
        """

        <7=v
        <a b=v
        <new\nline=v
        <x.y=v
        <Ã¿=v
        """);

    [Fact]
    public void Files_larger_than_the_limits_are_cut_or_refused_as_specified() => Script.Expect(
        """
        put uid/1000/allow
        mkdir r/uid/1000/env
        head -c 100000 /dev/zero | tr '\0' x >r/uid/1000/env/X
        acc -v 0 -E -i r sh -c 'echo ${#X}'
        printf 'echo script\n%4084s' '' >r/uid/1000/exec
        acc -v 0 -E -i r echo program
        printf 'echo script\n%4085s' '' >r/uid/1000/exec
        acc -v 0 -E -i r echo program || echo $?
        """,
        """
        4095
        script
        111
        """,
        "s6-ipcserver-access: fatal: unable to check fs ruleset in r: File too large");

    [Fact]
    public void A_thousand_variables_of_a_rule_arrive() => Script.Expect(
        """
        put uid/1000/allow
        mkdir r/uid/1000/env
        for i in {1..1000}; do
            printf '%01000d' "$i" >"r/uid/1000/env/V$i"
        done
        acc -v 0 -E -i r sh -c 'env | grep -c "^V[0-9]*=0*[0-9]*$"; echo "${V777#${V777%???}}"'
        """,
        """
        1000
        777
        """);
}
