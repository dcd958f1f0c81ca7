using Xunit;

namespace LocalService.Tests.Interop;

/// <summary>Databases that one program writes and another reads: ours, the C programs and tinycdb.</summary>
public sealed class CdbInterchangeTests
{
    private const string Rules = """
        put uid/1000/allow uid/1001/deny uid/1002/nothing gid/1003/allow ip4/10.0.0.0_8/allow reversedns/@/deny
        mkdir r/uid/1000/env
        echo one >r/uid/1000/env/FIRST
        echo 'echo script' >r/gid/1003/exec
        mkdir r/uid/{2000..2600}
        touch r/uid/{2000..2600}/allow
        mkdir r/uid/2000/env
        : >r/uid/2000/env/SECOND

        """;

    // Asks the gates about each client and prints their decisions.
    private const string Questions = """
        ask() {
            for gate in s6-ipcserver-access /usr/bin/s6-ipcserver-access; do
                for id in 1000 1001 1002 2000 2345 2600 2601; do
                    PROTO=IPC IPCREMOTEEUID=$id IPCREMOTEEGID=5 SECOND=set "$gate" -v 0 -E -x "$1" sh -c 'echo "$FIRST <${SECOND-unset}>"'
                    echo "$id: $?"
                done
                PROTO=IPC IPCREMOTEEUID=1 IPCREMOTEEGID=1003 "$gate" -v 0 -E -x "$1" echo program
            done | paste -s -d ,
        }

        """;

    private const string Answers =
        "one <set>,1000: 0,1001: 1,1002: 1, <unset>,2000: 0, <set>,2345: 0, <set>,2600: 0,2601: 1,script,"
        + "one <set>,1000: 0,1001: 1,1002: 1, <unset>,2000: 0, <set>,2345: 0, <set>,2600: 0,2601: 1,script";

    [Fact]
    public void Both_gates_read_what_either_compiler_wrote() => Script.Expect(
        Rules + Questions +
        """
        s6-accessrules-cdb-from-fs ours r
        /usr/bin/s6-accessrules-cdb-from-fs theirs r
        ask ours
        ask theirs
        diff <(dumpcdb ours) <(dumpcdb theirs) && echo equal records
        """,
        $"""
        {Answers}
        {Answers}
        equal records
        """);

    [Fact]
    public void Rules_of_groups_and_labels_are_none_to_C() => Script.Expect(
        """
        put uid/7/allow group/33/allow label/x/deny uid/default/deny
        s6-accessrules-cdb-from-fs ours r
        for client in 7:33 8:33; do
            PROTO=IPC IPCREMOTEEUID=${client%:*} IPCREMOTEEGID=${client#*:} /usr/bin/s6-ipcserver-access -v 0 -E -x ours echo in || echo $?
        done
        /usr/bin/s6-accessrules-fs-from-cdb d ours; (cd d; find . -type f ! -path './.check/*' | sort)
        # What C has compiled has no mark: they are none here either, and come back as they were.
        /usr/bin/s6-accessrules-cdb-from-fs theirs r
        PROTO=IPC IPCREMOTEEUID=8 IPCREMOTEEGID=33 withsocket 0 connected s6-ipcserver-access -v 0 -E -x theirs echo in || echo $?
        s6-accessrules-fs-from-cdb e theirs; diff -r r e && echo equal
        """,
        "in\n1\n./group/33/allow\n./label/x/deny\n./uid/7/allow\n./uid/default/deny\n1\nequal");

    [Fact]
    public void Tinycdb_reads_what_our_compiler_wrote() => Script.Expect(
        Rules +
        """
        s6-accessrules-cdb-from-fs ours r
        cdb -q ours uid/1000 | od -An -c | tr -s ' '
        cdb -q ours uid/1001; echo
        cdb -q ours uid/1002; echo "not found: $?"
        cdb -l ours | grep -c '^+.*:'
        cdb -s ours | grep 'number of records'
        cdb -d ours >dump
        cdb -c theirs <dump
        cmp ours theirs && echo same bytes
        """,
        """
         A \0 \n F I R S T = o n e \0 \0 \0
        D
        not found: 100
        607
        number of records: 607
        same bytes
        """);

    [Fact]
    public void Our_gate_reads_what_tinycdb_wrote() => Script.Expect(
        Rules + Questions +
        """
        /usr/bin/s6-accessrules-cdb-from-fs compiled r
        cdb -d compiled | cdb -c rules
        ask rules
        printf '+8,5:uid/1000->A\0\0\0\0\n+8,1:uid/1000->D\n\n' | cdb -c twice
        acc -v 0 -E -x twice echo the first of two records counts
        printf '\n' | cdb -c none
        acc -v 2 -E -x none echo program
        """,
        $"""
        {Answers}
        the first of two records counts
        """,
        "s6-ipcserver-access: info: deny pid PID uid 1000 gid 1001: No such file or directory");

    [Fact]
    public void Both_decompilers_write_equal_directories() => Script.Expect(
        Rules +
        """
        s6-accessrules-cdb-from-fs ours r
        /usr/bin/s6-accessrules-cdb-from-fs theirs r
        s6-accessrules-fs-from-cdb 1 theirs
        /usr/bin/s6-accessrules-fs-from-cdb 2 ours
        # The checksums look like a rule to C: one of a hidden name, which nobody reads.
        rm 2/.check/exec && rmdir 2/.check
        s6-accessrules-fs-from-cdb 3 ours
        diff -r 1 2 && diff -r 1 3 && echo equal trees
        diff <(cd 1 && find . -printf '%P %m\n' | sort) <(cd 2 && find . -printf '%P %m\n' | sort) && echo equal modes
        s6-accessrules-cdb-from-fs again 2
        cmp ours again && echo the same database again
        """,
        """
        equal trees
        equal modes
        the same database again
        """);

    [Fact]
    public void Large_rules_keep_every_byte() => Script.Expect(
        """
        put uid/1000/allow
        mkdir r/uid/1000/env
        # NAME=VALUE and its NUL: 2 + 4093 + 1 bytes, the largest that a record holds.
        printf '%4093s\n' '' | tr ' ' v >r/uid/1000/env/V
        printf 'printenv V\n#%4084s' '' >r/uid/1000/exec
        stat -c %s r/uid/1000/exec
        s6-accessrules-cdb-from-fs ours r
        /usr/bin/s6-accessrules-cdb-from-fs theirs r 2>warning
        diff <(dumpcdb ours) <(dumpcdb theirs) && echo equal records
        for gate in s6-ipcserver-access /usr/bin/s6-ipcserver-access; do
            PROTO=IPC IPCREMOTEEUID=1000 IPCREMOTEEGID=5 "$gate" -v 0 -E -x ours echo program | wc -c
        done
        """,
        """
        4096
        equal records
        4094
        4094
        """);
}
