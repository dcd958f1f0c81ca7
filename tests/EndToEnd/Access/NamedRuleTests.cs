using Xunit;

namespace LocalService.Tests.EndToEnd.Access;

/// <summary>Rules of users and groups by name, which the compiler turns into rules by number.</summary>
public sealed class NamedRuleTests
{
    [Fact]
    public void Names_become_numbers_once() => Script.Expect(
        """
        put user/alice/allow group/audio/deny uid/5/allow uid/default/deny
        mkdir r/user/alice/env; echo hello >r/user/alice/env/GREETING
        withaccounts s6-accessrules-cdb-from-fs -n c r
        s6-accessrules-fs-from-cdb d c; cd d; find . -type f | sort
        cd ..; export PROTO=IPC IPCREMOTEEUID=1000 IPCREMOTEEGID=7
        sed -i s/1000/2000/ passwd
        withaccounts s6-ipcserver-access -v0 -l here -x c sh -c 'echo $GREETING'
        IPCREMOTEEUID=9 IPCREMOTEEGID=29 withsocket 0 connected s6-ipcserver-access -v0 -l here -x c true; echo $?
        """,
        """
        ./group/29/deny
        ./uid/1000/allow
        ./uid/1000/env/GREETING
        ./uid/5/allow
        ./uid/default/deny
        hello
        1
        """);

    [Fact]
    public void Without_the_option_a_name_is_a_key_like_any_other_which_no_client_has() => Script.Expect(
        "put user/alice/allow; withaccounts s6-accessrules-cdb-from-fs c r; s6-accessrules-fs-from-cdb d c; cd d; find . -type f",
        "./user/alice/allow");

    [Theory]
    [InlineData("put user/nemo/allow", "unknown name: r/user/nemo")]
    [InlineData("put user/1000/allow", "unknown name: r/user/1000")]
    [InlineData("put user/default/deny", "unknown name: r/user/default")]
    [InlineData("put group/alic/allow", "unknown name: r/group/alic")]
    [InlineData("put group/audio/allow group/29/deny", "r/group/audio is another rule for group/29")]
    [InlineData("put user/alice/allow uid/1000/deny", "r/user/alice is another rule for uid/1000")]
    [InlineData("put user/alice/allow user/twin/deny; printf '\ntwin:x:1000:5:::' >>passwd", "r/user/twin is another rule for uid/1000")]
    [InlineData("put user/notanumber/allow", "unable to look up r/user/notanumber: Invalid argument")]
    [InlineData("put user/alice/allow; rm passwd; mkfifo passwd", "unable to look up r/user/alice: No such device")]
    public void What_a_name_means_is_certain_or_nothing_is_compiled(string rules, string problem) => Script.Expect(
        $"withaccounts true; echo old >c; {rules}; withaccounts s6-accessrules-cdb-from-fs --names c r; echo $?; cat c",
        "111\nold",
        $"s6-accessrules-cdb-from-fs: fatal: {problem}");
}
