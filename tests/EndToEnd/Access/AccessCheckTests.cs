using Xunit;

namespace LocalService.Tests.EndToEnd.Access;

/// <summary>access-check: the decision of the gates and its reason, and errors in rules.</summary>
public sealed class AccessCheckTests
{
    [Fact]
    public void It_says_what_the_gates_do() => Script.Expect("python3 -B \"$(dirname \"$(command -v put)\")/access_check.py\" 4711 40 | sed 's/^[0-9]* dec/dec/'", "decisions compared");

    [Fact]
    public void It_shows_each_key_and_what_the_rule_brings() => Script.Expect(
        """
        put uid/7/deny gid/8/allow gid/8/env/B; echo 'a b' >r/gid/8/env/A; printf 'echo hi\n' >r/gid/8/exec
        s6-access-check -i r -u 9 -g 8; echo $?
        s6-access-check -i r -u 7 -g 8; echo $?
        s6-access-check -i r -u 9 -g 9; echo $?
        s6-access-check -i nowhere -u 9 -g 9; echo $?
        s6-accessrules-cdb-from-fs c r; s6-access-check -j -x c -u 9 -g 8
        """,
        """
          uid/9: no rule
          gid/8: allow
        allow, decided by gid/8 in r/gid/8/allow
          sets A=a b
          unsets B
          runs in place of the program: execlineb -Pc echo hi?
        0
          uid/7: deny
        deny, decided by uid/7 in r/uid/7/deny
        1
          uid/9: no rule
          gid/9: no rule
          uid/default: no rule
        deny: no rule
        1
        deny: the directory of the rules does not exist
        1
        {"decision": "allow", "looked_up": [{"key": "uid/9", "says": "nothing"}, {"key": "gid/8", "says": "allow"}], "key": "gid/8", "file": "c", "set": {"A": "a b"}, "unset": ["B"], "program": ["execlineb", "-Pc", "echo hi\u000a"]}
        """);

    [Fact]
    public void A_name_counts_behind_the_address() => Script.Expect(
        """
        put ip4/10.0.0.0_8/deny reversedns/good.x/allow
        s6-access-check -i r -a 9.9.9.9 -n a.Good.X. | tail -n 3
        s6-access-check -i r --ip=10.1.1.1 --name=good.x | tail -n 1
        s6-access-check -i r --ip=9.9.9.9 | tail -n 1
        """,
        """
          reversedns/a.good.x: no rule
          reversedns/good.x: allow
        allow, decided by reversedns/good.x in r/reversedns/good.x/allow
        deny, decided by ip4/10.0.0.0_8 in r/ip4/10.0.0.0_8/deny
        deny: no rule
        """);

    [Fact]
    public void Groups_and_a_label_are_asked_for_as_the_gate_does() => Script.Expect(
        """
        put group/33/allow group/44/deny group/55/allow label/good/allow; echo x >r/group/33/exec
        s6-access-check -i r -u 5 -g 6 -G 55,33; echo $?
        s6-access-check -i r -u 5 -g 44 -G 33 | tail -n 1
        s6-access-check -i r -u 5 -g 6 --groups= --label=good; echo $?
        s6-access-check -i r -u 5 -g 6 -L a/b | tail -n 1
        s6-access-check -j -i r -u 5 -g 6 2>&1; echo $?
        withaccounts s6-access-check -i r -u alice 2>/dev/null | grep group/
        rm -r r/group; ln -s nowhere r/group; s6-access-check -i r -u 5 -g 6 2>/dev/null; echo $?
        for wrong in '-a 1.1.1.1 -G 5' '-a ::1 -L x' '-u 5 -g 5 -X c' '-l -X c' '-u 5 -g 5 -G 5x'; do s6-access-check -i r $wrong 2>&1 | head -n 1; done
        """,
        """
          uid/5: no rule
          gid/6: no rule
          group/6: no rule
          group/33: allow
          group/55: allow
        allow, decided by group/33 in r/group/33/allow
          runs in place of the program: execlineb -Pc x?
        0
        deny, decided by group/44 in r/group/44/deny
          uid/5: no rule
          gid/6: no rule
          group/6: no rule
          label/good: allow
        allow, decided by label/good in r/label/good/allow
        0
        deny: its security label can't be the name of a rule
        s6-ipcserver-access: fatal: unable to getsockopt SO_PEERSEC: Protocol not available
        {"decision": "error", "looked_up": [{"key": "uid/5", "says": "nothing"}, {"key": "gid/6", "says": "nothing"}, {"key": "group/6", "says": "nothing"}], "reason": "unable to getsockopt SO_PEERSEC: Protocol not available"}
        111
          group/4: no rule
          group/29: no rule
          group/100: no rule
          group/1000: no rule
          uid/5: no rule
          gid/6: no rule
          group: Identifier removed
        error: Identifier removed
        111
        s6-access-check: fatal: groups and a label need a user: give -u and -g
        s6-access-check: fatal: groups and a label need a user: give -u and -g
        s6-access-check: fatal: a name, and rules of tcprules, need an address: give -a
        s6-access-check: fatal: no rules: give -i or -x
        s6-access-check: fatal: invalid list of group ids for -G: 5x
        """);

    [Fact]
    public void A_database_of_tcprules_lets_in_whoever_has_no_rule() => Script.Expect(
        """
        mkcdb c 10. 'D\0' 10.1.2.3 '+A=1\0+B=\0' =.good.x 'D\0' = '+NAMED=yes\0'
        s6-access-check -X c -a 10.9.9.9; echo $?
        s6-access-check -X c -a 10.1.2.3; echo $?
        s6-access-check -X c --ip=9.9.9.9 --name=a.good.x | tail -n 1
        s6-access-check -X c -a 9.9.9.9 -n y; s6-access-check -X c -a 9.9.9.9 | tail -n 1
        s6-access-check -j -X c -a ::1
        mkcdb c '' 'D\0'; s6-access-check -X c -a 9.9.9.9 | tail -n 2
        mkcdb c 9.9.9.9 Z; s6-access-check -X c -a 9.9.9.9; echo $?
        put uid/0/allow; s6-accessrules-cdb-from-fs c r; s6-access-check -X c -a 9.9.9.9 2>/dev/null; echo $?
        """,
        """
          10.9.9.9: no rule
          10.9.9.: no rule
          10.9.: no rule
          10.: deny
        deny, decided by 10. in c
        1
          10.1.2.3: allow
        allow, decided by 10.1.2.3 in c
          sets A=1
          sets B=
        0
        deny, decided by =.good.x in c
          9.9.9.9: no rule
          =y: no rule
          9.9.9.: no rule
          9.9.: no rule
          9.: no rule
          =: allow
        allow, decided by = in c
          sets NAMED=yes
        allow: no rule
        {"decision": "allow", "looked_up": [{"key": "::1", "says": "nothing"}, {"key": "", "says": "nothing"}], "reason": "no rule", "set": {}, "unset": []}
          the empty key: deny
        deny, decided by the empty key in c
          9.9.9.9: Invalid argument
        error: Invalid argument
        111
          9.9.9.9: Invalid argument
        error: Invalid argument
        111
        """,
        "s6-tcpserver-access: pid PID: fatal: unable to check cdb ruleset for IP in c: Invalid argument");

    [Fact]
    public void Lint_says_nothing_of_good_rules() => Script.Expect(
        """
        umask 022; put uid/self/allow uid/7/deny gid/default/x ip4/10.0.0.0_8/allow reversedns/good.x/deny group/33/allow 'label/a b:c/deny'; rm -r r/gid
        s6-access-check --lint r; echo $?
        s6-accessrules-cdb-from-fs c r; s6-access-check --lint c; echo $?
        s6-access-check --lint -i nowhere 2>&1; echo $?
        """,
        """
        0
        0
        s6-access-check: fatal: unable to read rules nowhere: No such file or directory
        111
        """);

    [Fact]
    public void Lint_has_a_line_for_each_fault() => Script.Expect(
        """
        umask 022; put uid/self/allow uid/0/deny uid/07/deny gid/default/allow ip4/10.1.0.0_8/allow reversedns/Good/allow uid/5/allow uid/5/deny odd/x/allow group/033/deny group/name/deny
        mkdir -p "$(printf 'r/label/a\tb')"; touch "$(printf 'r/label/a\tb/deny')"
        put uid/6/other uid/8/allow uid/9/deny uid/9/exec; ln -s nowhere r/uid/8/env; chmod 666 r/uid/5/allow; chmod 777 r/ip4; mkdir r/uid/self/env
        printf 'one\ntwo\n' >r/uid/self/env/A; : >r/uid/self/env/B=C; head -c 5000 /dev/zero | tr '\0' x >r/uid/self/env/D
        s6-access-check --lint r; echo $?
        """,
        """
        r/gid/default: never reached: only uid/default is looked for
        r/group/033: odd name: neither a number nor a word that is looked for
        r/ip4: may be written by others
        r/ip4/10.1.0.0_8: never reached: what is looked for is called ip4/10.0.0.0_8
        r/label/a	b: odd name: no label is looked for that has control bytes or begins with a dot
        r/odd: odd name: no gate looks for rules of this kind
        r/reversedns/Good: never reached: names are looked for in small letters, without a dot at the end
        r/uid/0: never reached by a gate of this user: self comes first
        r/uid/07: odd name: neither a number nor a word that is looked for
        r/uid/5/allow: may be written by others
        r/uid/5: both allow and deny: allow counts
        r/uid/6: neither allow nor deny: the search goes on as if it weren't there
        r/uid/6/other: odd name: no gate looks for it
        r/uid/8: unreadable: env: Identifier removed
        r/uid/9/exec: never used: the rule denies
        r/uid/self/env/A: environment is cut: only the first line counts
        r/uid/self/env/B=C: odd name: a variable can't be called so, it is ignored
        r/uid/self/env/D: environment is cut: only the first 4095 bytes count
        1
        """);

    [Theory]
    [InlineData(4), InlineData(5), InlineData(6)]
    public void A_shortage_of_descriptors_is_no_fault_of_the_rules(int descriptors) => Script.Expect(
        $"""
        put uid/1/allow uid/2/deny
        (ulimit -n {descriptors}; exec s6-access-check --lint r) 2>error; echo $?; cut -d : -f 1,2,4 error
        """,
        "111\ns6-access-check: fatal: Too many open files");

    [Fact]
    public void Servers_and_gates_say_at_verbosity_3_which_key_decided() => Script.Expect(
        """
        put uid/1000/allow gid/7/deny
        acc -v3 -l x -i r true
        U=5 G=7 acc -v3 -l x -i r true
        U=5 G=5 acc -v3 -l x -i r true
        acc -v3 -l x true
        """,
        "",
        """
        s6-ipcserver-access: info: decided by uid/1000
        s6-ipcserver-access: info: allow pid PID uid 1000 gid 1001
        s6-ipcserver-access: info: decided by gid/7
        s6-ipcserver-access: info: deny pid PID uid 5 gid 7: Permission denied
        s6-ipcserver-access: info: decided by no rule
        s6-ipcserver-access: info: deny pid PID uid 5 gid 5: No such file or directory
        s6-ipcserver-access: warning: invoked without a ruleset!
        s6-ipcserver-access: info: allow pid PID uid 1000 gid 1001
        """);
}
