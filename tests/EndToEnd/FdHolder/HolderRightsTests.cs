using Xunit;

namespace LocalService.Tests.EndToEnd.FdHolder;

/// <summary>Who may do what. The numbers are those of the cases in the specification "fdholder".</summary>
public sealed class HolderRightsTests
{
    [Fact] // 6, but an empty expression gives nothing
    public void Rights_are_those_of_the_rule() => Script.Expect("""
        grant uid/0 'STORE_REGEX=^unix:' 'RETRIEVE_REGEX=b$' SETDUMP=
        : >r/uid/0/env/S6_FDHOLDER_GETDUMP
        hold
        talk <<'END'
        c = Connection()
        print(c.ask(store("x"), [null]), c.ask(store("unix:a"), [null]), c.ask(store("unix:b"), [null]))
        print(c.ask(retrieve("unix:a")), c.ask(retrieve("unix:b")), c.ask(retrieve("b", deletes=True)), c.ask(retrieve("unix:b", deletes=True)))
        print(c.ask(b"L"), c.ask(b"?"), c.ask(set_dump(1)))
        END
        """, """
        01 00 00
        01 00 +1 01 00 +1
        01 01 0000000001
        """);

    [Theory]
    [InlineData("STORE_REGEX= RETRIEVE_REGEX=")] // decision 19
    [InlineData("")]
    public void Without_expressions_nothing_is_allowed(string rights) => Script.Expect($"""
        grant uid/0 {rights}
        hold
        talk <<'END'
        c = Connection()
        print(c.ask(store("a"), [null]), c.ask(delete("a")), c.ask(retrieve("a")), c.ask(b"L"), c.ask(b"?"), c.ask(set_dump(0)))
        END
        """, "01 01 01 01 01 01");

    [Fact] // 7
    public void Rights_stay_those_of_the_start_of_the_connection() => Script.Expect("""
        hold
        talk <<'END'
        old = Connection()
        old.ask(b"L")
        os.remove("r/uid/0/env/S6_FDHOLDER_LIST")
        print(old.ask(b"L"), Connection().ask(b"L"))
        END
        """, "0000000000 01");

    [Theory] // 7
    [InlineData("STORE_REGEX", "(", "Unmatched ( or \\(")]
    [InlineData("RETRIEVE_REGEX", "[a", "Unmatched [, [^, [:, [., or [=")]
    [InlineData("STORE_REGEX", "a{99999}", "Regular expression too big")]
    public void An_invalid_expression_keeps_the_client_out(string variable, string expression, string error) => Script.Expect($"""
        grant uid/0 LIST=1 '{variable}={expression}'
        hold
        talk <<'END'
        print(Connection().ask(b"L"))
        END
        hold -v 0 2>&1
        talk <<'END'
        print(Connection().ask(b"L"))
        END
        """, """
        closed
        closed
        """, $"s6-fdholderd: warning: invalid S6_FDHOLDER_{variable} value: {expression}: {error}");

    [Theory]
    [InlineData("(a*)*b")]
    [InlineData("(a|aa)+$")]
    [InlineData("((((a?){10}){10}){8})a*b")]
    public void A_pathological_expression_is_answered_like_any_other(string expression) => Script.Expect($"""
        grant uid/0 'STORE_REGEX={expression}'
        hold
        talk <<'END'
        c = Connection()
        for i in range(20):
            print(c.ask(store("a" * 254 + "c"), [null]), end=" ")
        END
        """, string.Concat(System.Linq.Enumerable.Repeat("01 ", 20)).TrimEnd() + "<SPACE>");

    [Fact] // 20
    public void Other_users_are_kept_out() => Script.Expect("""
        hold
        for user in 65534 1001; do
            setpriv --reuid $user --regid $user --clear-groups "$(command -v python3)" "$(command -v unixmessage.py)" sk <<'END'
        print(Connection().ask(b"L"))
        END
        done
        """, """
        closed
        closed
        """);

    [Theory]
    [InlineData("grant_all uid/1001; grant uid/default", "0000000000")]
    [InlineData("grant_all gid/1001; grant uid/default", "0000000000")]
    [InlineData("grant_all uid/default", "0000000000")]
    [InlineData("put uid/1001/deny; grant_all uid/default", "closed")]
    [InlineData("put uid/1001/deny; grant_all gid/1001", "closed")]
    [InlineData("grant_all uid/self", "closed")]
    public void The_first_key_with_a_rule_decides(string rules, string answer) => Script.Expect($"""
        {rules}
        hold
        setpriv --reuid 1001 --regid 1001 --clear-groups "$(command -v python3)" "$(command -v unixmessage.py)" sk <<'END'
        print(Connection().ask(b"L"))
        END
        """, answer);

    [Fact] // decision 1
    public void Rules_that_cannot_be_read_keep_everybody_out() => Script.Expect("""
        grant_all uid/default
        mkdir -p r/uid/0/deny
        rmdir r/uid/0/deny
        ln -s nowhere r/uid/0/deny
        hold
        talk <<'END'
        print(Connection().ask(b"L"))
        END
        """, "closed", "s6-fdholderd: warning: error while checking rules: Identifier removed");

    [Fact] // decision 2
    public void A_missing_directory_is_told_of() => Script.Expect("""
        put uid/0/allow
        hold
        mv r elsewhere
        talk <<'END'
        print(Connection().ask(b"L"))
        END
        """, "closed", "s6-fdholderd: warning: rules directory r does not exist");

    [Fact]
    public void A_script_in_a_rule_is_not_run() => Script.Expect("""
        grant uid/0 LIST=
        echo 'touch ran' >r/uid/0/exec
        hold
        talk <<'END'
        print(Connection().ask(b"L"))
        END
        ls | grep ran
        """, "0000000000", "s6-fdholderd: warning: unused exec string in rules for uid 0 gid 0");

    [Fact] // 21
    public void A_database_is_read_again_after_SIGHUP() => Script.Expect("""
        grant uid/0 LIST=
        s6-accessrules-cdb-from-fs rules.cdb r
        rm r/uid/0/env/*
        SERVER=s6-fdholder-daemon serve -x rules.cdb sk
        s6-accessrules-cdb-from-fs rules.cdb r
        talk <<'END'
        import signal
        server = int(sys.argv[2])
        def ask():
            c = Connection()
            answer, descriptors = c.ask(b"L"), descriptors_of(server)
            c.close()
            return answer, descriptors
        answer, before = ask()
        for i in range(10):
            os.kill(server, signal.SIGHUP)
            again, after = ask()
            print(answer, again, before == after)
            if i == 8:
                os.rename("rules.cdb", "moved.cdb")
        END
        s6-fdholderd -x rules.cdb </dev/null; echo $?
        """, string.Concat(System.Linq.Enumerable.Repeat("0000000000 01 True\n", 10)) + """
        100
        """, """
        s6-fdholderd: warning: unable to cdb_init rules.cdb: No such file or directory
        s6-fdholderd: fatal: stdin is not a socket
        """);
}
