using Xunit;

namespace LocalService.Tests.EndToEnd.Access;

/// <summary>Damaged databases: an answer or an error, never a crash, and never an allow instead of a denial (decision 6).</summary>
public sealed class DamagedDatabaseTests
{
    // judge FILE UID: the exit code of the gate for a client, with the message checked.
    private const string Judge = """
        cat >judge.py <<'END'
        import os, random, shutil, subprocess, sys

        gate, decompiler = shutil.which("s6-ipcserver-access"), shutil.which("s6-accessrules-fs-from-cdb")
        messages = os.open("messages", os.O_RDWR | os.O_CREAT | os.O_TRUNC)

        def run(program, words, environment):
            # posix_spawn: thousands of processes in a moment.
            os.ftruncate(messages, 0)
            os.lseek(messages, 0, os.SEEK_SET)
            pid = os.posix_spawn(program, words, environment, file_actions=[(os.POSIX_SPAWN_DUP2, messages, 2)])
            status = os.waitpid(pid, 0)[1]
            text = os.pread(messages, 10000, 0).decode("latin-1")
            assert os.WIFEXITED(status), (words, status)
            return os.WEXITSTATUS(status), text

        def judge(uid, file="damaged"):
            environment = {"PATH": "/usr/bin", "PROTO": "IPC", "IPCREMOTEEUID": str(uid), "IPCREMOTEEGID": "7"}
            code, text = run(gate, ["s6-ipcserver-access", "-v0", "-E", "-x", file, "true"], environment)
            assert code in (0, 1, 111), (uid, code, text)
            assert (text.startswith("s6-ipcserver-access: fatal: unable to ") and text.count("\n") == 1) == (code == 111), (uid, code, text)
            return code

        def decompile():
            code, text = run(decompiler, ["s6-accessrules-fs-from-cdb", "tree", "damaged"], {})
            assert code in (0, 111), (code, text)
            assert os.path.isdir("tree") == (code == 0), (code, text)
            shutil.rmtree("tree", ignore_errors=True)
            return code

        def write(data):
            with open("damaged", "wb") as file:
                file.write(data)

        END
        put uid/1000/deny uid/1001/allow gid/5/allow uid/default/allow ip4/10.0.0.0_8/deny
        mkdir r/uid/1001/env
        echo value >r/uid/1001/env/X
        s6-accessrules-cdb-from-fs whole r

        """;

    [Fact]
    public void Truncated_at_every_byte_never_lets_in_whom_the_whole_refuses() => Script.Expect(
        Judge +
        """
        cat >>judge.py <<'END'
        whole = open("whole", "rb").read()
        for size in range(len(whole)):
            write(whole[:size])
            assert judge(1000) == 111 or size >= 2048, size
            assert judge(1000) != 0, size
        print(judge(1000, "whole"), judge(1001, "whole"), judge(9, "whole"))
        END
        python3 judge.py
        """,
        "1 0 0");

    [Fact]
    public void Truncated_at_every_byte_decompiles_in_full_or_not_at_all() => Script.Expect(
        Judge +
        """
        cat >>judge.py <<'END'
        whole = open("whole", "rb").read()
        records_end = int.from_bytes(whole[:4], "little")
        for size in [0, 1, 3, 4, 2047, *range(2048, len(whole) + 1)]:
            write(whole[:size])
            assert (decompile() == 0) == (size == len(whole)), size
        print(os.listdir("."), records_end < len(whole))
        END
        python3 judge.py | tr , '\n' | grep -cE "whole|judge|damaged|messages|'r'"
        """,
        "5");

    [Fact]
    public void Offsets_past_the_end_are_errors() => Script.Expect(
        Judge +
        """
        cat >>judge.py <<'END'
        whole = open("whole", "rb").read()
        for place in range(0, 2048, 8):  # each table's offset, then its size
            for value in (len(whole), len(whole) - 7, 0x7fffffff, 0xffffffff):
                data = bytearray(whole)
                data[place:place + 4] = value.to_bytes(4, "little")
                write(data)
                assert judge(1000) != 0, (place, value)
            data = bytearray(whole)
            data[place + 4:place + 8] = b"\xff\xff\xff\xff"
            write(data)
            assert judge(1000) in (1, 111), place
        END
        python3 judge.py
        """,
        "");

    [Fact]
    public void Five_hundred_mutated_files_give_an_answer_or_an_error() => Script.Expect(
        Judge +
        """
        cat >>judge.py <<'END'
        whole = open("whole", "rb").read()
        dice = random.Random(20250607)
        seen = set()
        for number in range(500):
            data = bytearray(whole)
            for change in range(dice.choice((1, 3, 30, 300))):
                place = dice.randrange(2048, len(data)) if dice.random() < 0.7 else dice.randrange(len(data))
                data[place] = dice.choice((0, 255, 127, 128, dice.randrange(256)))
            if dice.random() < 0.2:
                del data[dice.randrange(len(data)):]
            if dice.random() < 0.1:
                data = bytearray(dice.randbytes(dice.randrange(1, 5000)))
            write(data)
            seen |= {judge(1000), judge(1001), judge(9), 1000 + decompile()}
        print(sorted(seen))
        print(len(os.listdir(".")))
        END
        python3 judge.py
        """,
        """
        [0, 1, 111, 1000, 1111]
        5
        """);

    [Theory]
    [InlineData("s6-accessrules-cdb-from-fs")]
    [InlineData("/usr/bin/s6-accessrules-cdb-from-fs")] // without checksums
    public void One_wrong_byte_lets_nobody_in_whom_the_whole_refuses(string compiler) => Script.Expect(
        Judge +
        $$"""
        {{compiler}} whole r
        cat >>judge.py <<'END'
        whole = open("whole", "rb").read()
        dice = random.Random(20260607)
        admissions = []
        for place in range(len(whole)):
            data = bytearray(whole)
            data[place] = dice.choice([0, data[place] ^ 1 << dice.randrange(8), dice.randrange(256)])
            write(data)
            if data != whole and judge(1000) == 0:
                admissions.append((place, data[place]))
        print(admissions)
        END
        python3 judge.py
        """,
        "[]");

    [Fact]
    public void With_one_wrong_byte_a_rule_gives_what_was_compiled_or_an_error() => Script.Expect(
        """
        put uid/1001/allow uid/default/deny
        mkdir r/uid/1001/env r/uid/{2000..2600}
        touch r/uid/{2000..2600}/allow
        echo secret >r/uid/1001/env/X
        echo 'printenv X' >r/uid/1001/exec
        s6-accessrules-cdb-from-fs whole r
        cat >flip.py <<'END'
        import subprocess, sys
        whole = open("whole", "rb").read()
        start = whole.index(b"uid/1001") - 8
        results = set()
        # The record, and the checksums of it and of others.
        for place in [*range(start, start + 8 + 8 + 5 + 9 + 11), *range(whole.index(b".check") - 8, whole.index(b".check") + 60)]:
            data = bytearray(whole)
            data[place] ^= 0x20
            with open("damaged", "wb") as file:
                file.write(data)
            done = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            results.add((done.returncode, done.stdout))
        print(sorted(results))
        END
        U=1001 python3 flip.py acc -v 0 -E -x damaged echo program
        """,
        @"[(0, b'secret\n'), (111, b'')]");

    [Fact]
    public void Checksums_that_do_not_match_are_errors_for_all_who_read_them() => Script.Expect(
        """
        grant_all uid/0
        s6-accessrules-cdb-from-fs c r
        place=$(grep -abo '\.check' c | cut -d : -f 1)
        printf '\377' | dd of=c bs=1 seek=$((place + 16)) conv=notrunc status=none
        U=0 acc -E -x c echo let in || echo $?
        s6-accessrules-fs-from-cdb d c || echo $?
        SERVER=s6-fdholder-daemon serve -x c sk
        s6-fdholder-list sk 2>/dev/null || echo $?
        """,
        """
        111
        111
        1
        """,
        """
        s6-ipcserver-access: fatal: unable to check cdb ruleset in c: Invalid argument
        s6-accessrules-fs-from-cdb: fatal: unable to cdb_traverse_next: invalid cdb
        s6-fdholderd: warning: error while checking rules: Invalid argument
        """);

    [Fact]
    public void What_is_no_regular_file_is_refused_and_never_waited_for() => Script.Expect(
        """
        mkfifo fifo
        ln -s loop loop
        : >empty
        put uid/1000/allow
        s6-accessrules-cdb-from-fs private r
        for file in fifo /dev/null /dev/zero . loop missing empty; do
            acc -E -x $file true || echo $?
        done
        PROTO=IPC IPCREMOTEEUID=1000 IPCREMOTEEGID=1000 as1000 s6-ipcserver-access -E -x private true || echo $?
        """,
        """
        111
        111
        111
        111
        111
        111
        111
        111
        """,
        """
        s6-ipcserver-access: fatal: unable to cdb_init fifo: No such device
        s6-ipcserver-access: fatal: unable to cdb_init /dev/null: No such device
        s6-ipcserver-access: fatal: unable to cdb_init /dev/zero: No such device
        s6-ipcserver-access: fatal: unable to cdb_init .: No such device
        s6-ipcserver-access: fatal: unable to cdb_init loop: Too many levels of symbolic links
        s6-ipcserver-access: fatal: unable to cdb_init missing: No such file or directory
        s6-ipcserver-access: fatal: unable to cdb_init empty: Invalid argument
        s6-ipcserver-access: fatal: unable to cdb_init private: Permission denied
        """);
}
