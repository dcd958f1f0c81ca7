using Xunit;

namespace LocalService.Tests.EndToEnd.Access;

/// <summary>access-check: the decision of the gates and what has led to it; and what is wrong with rules.</summary>
public sealed class AccessCheckTests
{
    [Fact]
    public void ItSaysWhatTheGatesDo() => Script.Expect("python3 -B \"$(dirname \"$(command -v put)\")/access_check.py\" 4711 25 | sed 's/^[0-9]* dec/dec/'", "decisions compared");

    [Fact]
    public void ItShowsEachKeyAndWhatTheRuleBrings() => Script.Expect(
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
    public void ANameCountsBehindTheAddress() => Script.Expect(
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
    public void LintSaysNothingOfGoodRules() => Script.Expect(
        """
        umask 022; put uid/self/allow uid/7/deny gid/default/x ip4/10.0.0.0_8/allow reversedns/good.x/deny; rm -r r/gid
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
    public void LintHasALineForEachFault() => Script.Expect(
        """
        umask 022; put uid/self/allow uid/0/deny uid/07/deny gid/default/allow ip4/10.1.0.0_8/allow reversedns/Good/allow uid/5/allow uid/5/deny odd/x/allow
        put uid/6/other uid/8/allow uid/9/deny uid/9/exec; ln -s nowhere r/uid/8/env; chmod 666 r/uid/5/allow; chmod 777 r/ip4; mkdir r/uid/self/env
        printf 'one\ntwo\n' >r/uid/self/env/A; : >r/uid/self/env/B=C; head -c 5000 /dev/zero | tr '\0' x >r/uid/self/env/D
        s6-access-check --lint r; echo $?
        """,
        """
        r/gid/default: never reached: only uid/default is looked for
        r/ip4: may be written by others
        r/ip4/10.1.0.0_8: never reached: what is looked for is called ip4/10.0.0.0_8
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

    [Fact]
    public void ServersAndGatesSayAtVerbosity3WhichKeyDecided() => Script.Expect(
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
