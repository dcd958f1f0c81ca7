using Xunit;

namespace LocalService.Tests.EndToEnd.Access;

/// <summary>Links that lead nowhere: only a path with nothing at it has no rule, whatever the file system answers.</summary>
public sealed class DanglingLinkTests
{
    private const string Refusal = "s6-ipcserver-access: fatal: unable to check fs ruleset in r: Identifier removed";

    [Theory]
    [InlineData("uid/1000", "uid/default/allow")]
    [InlineData("gid/1001", "uid/default/allow")]
    [InlineData("uid", "gid/1001/allow")]
    [InlineData("gid", "uid/default/allow")]
    [InlineData("gid", "uid/default/deny")]
    [InlineData("uid/default", "uid/1/deny")]
    public void In_the_place_of_a_rule_it_refuses(string place, string rule) => Script.Expect(
        $"""
        put {rule}
        acc -v 0 -E -i r echo let in
        mkdir -p r/$(dirname {place})
        ln -s nowhere r/{place}
        acc -v 0 -E -i r echo let in || echo $?
        """,
        (rule.EndsWith("allow", System.StringComparison.Ordinal) ? "let in\n" : "") + "111",
        Refusal);

    [Theory]
    [InlineData("uid/self", "U=0")]
    [InlineData("gid/self", "G=0")]
    public void In_the_place_of_the_rule_for_the_gate_s_own_ids_it_refuses(string place, string client) => Script.Expect(
        $"""
        put gid/1001/allow uid/1000/nothing uid/default/allow
        ln -s nowhere r/{place}
        acc -v 0 -E -i r echo let in
        {client} acc -v 0 -E -i r echo let in || echo $?
        """,
        """
        let in
        111
        """,
        Refusal);

    [Fact]
    public void In_the_place_of_all_rules_it_is_no_missing_directory() => Script.Expect(
        """
        ln -s nowhere r
        acc -E -i r echo let in || echo $?
        """,
        "111",
        Refusal);

    [Theory]
    [InlineData("uid/1000", "allow")]
    [InlineData("uid", "opendir")]
    public void The_compiler_refuses_it_as_the_gate_does(string place, string call) => Script.Expect(
        $$"""
        put gid/1001/allow
        mkdir -p r/$(dirname {{place}})
        ln -s nowhere r/{{place}}
        s6-accessrules-cdb-from-fs c r 2>error || echo $?
        grep -oE 'allow|opendir' error
        ls
        """,
        $"""
        111
        {call}
        error
        r
        """);

    [Theory]
    [InlineData("deny")]
    [InlineData("env")]
    [InlineData("exec")]
    public void Whatever_a_question_about_it_is_answered_nobody_is_let_in(string place) => Script.Expect(
        $"""
        put uid/1000/allow uid/default/allow
        [ {place} != deny ] || rm r/uid/1000/allow
        ln -s nowhere r/uid/1000/{place}
        export PROTO=IPC IPCREMOTEEUID=1000 IPCREMOTEEGID=1001
        single_faults.py EIO,ENOMEM,EPERM,ENOSYS,ESTALE s6-ipcserver-access -v 0 -E -i r echo let in 2>&1
        """,
        """
        expected 111:
        many runs
        """);
}
