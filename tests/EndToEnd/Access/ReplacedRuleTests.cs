using Xunit;

namespace LocalService.Tests.EndToEnd.Access;

/// <summary>
/// Rules that are replaced during a decision, at each of its system calls. A decision must follow a single state of the rules. The old rules and the
/// new ones are equal here, so that a client gets the same at any time.
/// </summary>
public sealed class ReplacedRuleTests
{
    private const string Rules = """
        cat >rules.sh <<'END'
        rm -rf r new gone
        for d in r new; do
            mkdir -p $d/uid/1001 $d/uid/1002/env $d/uid/default $d/gid/8
            touch $d/uid/1001/deny $d/uid/1002/allow $d/uid/default/allow $d/gid/8/deny
            echo 1 >$d/uid/1002/env/X
            echo 'echo restricted' >$d/uid/1002/exec
        done
        END
        replaced() {
            PROTO=IPC IPCREMOTEEUID=$1 IPCREMOTEEGID=$2 stopped.py "${@:3}" s6-ipcserver-access -v 0 -E -i r echo program
        }

        """;

    private const string Everything = "mv r gone; mv new r; rm -r gone";
    private const string Kind = "mv r/uid gone; mv new/uid r/uid; rm -r gone";
    private const string EachRule = "for u in r/uid/*; do mv $u gone; mv new/uid/${u##*/} r/uid; rm -r gone; done";

    [Theory]
    [InlineData("1001 9", Everything, "1:")]
    [InlineData("1001 9", Kind, "1:")]
    [InlineData("1002 8", Everything, "0: restricted")]
    [InlineData("1002 8", EachRule, "0: restricted")]
    [InlineData("1003 9", Kind, "0: program")]
    public void A_decision_is_that_of_one_state(string client, string change, string result) => Script.Expect(
        Rules + $"replaced {client} '. ./rules.sh' '{change}' | grep -v ^stopped", result);

    [Fact]
    public void Rules_that_are_never_the_same_let_nobody_in() => Script.Expect(
        Rules + "replaced 1003 9 --always '. ./rules.sh' 'cp -r r next; mv r gone; mv next r; rm -r gone'",
        """
        111: s6-ipcserver-access: fatal: unable to check fs ruleset in r: Device or resource busy
        stopped often
        """);

    [Fact]
    public void A_removed_directory_that_is_still_in_use_lets_nobody_in() => Script.Expect(
        """
        put uid/1000/allow
        cd r
        rm -r ../r
        PROTO=IPC IPCREMOTEEUID=1000 IPCREMOTEEGID=1000 s6-ipcserver-access -E -i . echo program || echo $?
        """,
        "111",
        "s6-ipcserver-access: fatal: unable to check fs ruleset in .: Identifier removed");

    [Fact]
    public void The_compiler_makes_no_mixture() => Script.Expect(
        Rules +
        """
        . ./rules.sh
        s6-accessrules-cdb-from-fs right r
        # What the run before has made, if it has made something, is compared.
        stopped.py '[ ! -e c ] || cmp c right; rm -f c; . ./rules.sh' 'mv r gone; mv new r; rm -r gone' s6-accessrules-cdb-from-fs c r >results
        grep -vcE '^0:|^stopped|^111: s6-accessrules-cdb-from-fs: fatal: unable to' results
        grep -o 'unable to readdir r: Device or resource busy' results
        """,
        """
        0
        unable to readdir r: Device or resource busy
        """);

    [Fact]
    public void A_database_that_is_replaced_is_read_as_it_was() => Script.Expect(
        Rules +
        """
        . ./rules.sh
        s6-accessrules-cdb-from-fs c r
        export PROTO=IPC IPCREMOTEEUID=1001 IPCREMOTEEGID=9
        stopped.py true 'cp c n; mv n c' s6-ipcserver-access -v 0 -E -x c echo program | grep -v ^stopped
        IPCREMOTEEUID=1003
        stopped.py 'cp c d' 'truncate -s 2050 d' s6-ipcserver-access -v 0 -E -x d echo program | grep -v ^stopped
        """,
        """
        1:
        0: program
        111: s6-ipcserver-access: fatal: unable to check cdb ruleset in d: Invalid argument
        """);
}
