using System;
using System.Linq;
using System.Text;
using Xunit;

namespace LocalService.Tests.EndToEnd.Access;

/// <summary>
/// Rules of security labels. strace(1) puts the label that a security module would return into the kernel's answer. So the tests need no module, and
/// don't depend on one that may be there.
/// </summary>
public sealed class LabelRuleTests
{
    private const string Rules = """
        put label/good:t:s0/allow label/bad/deny uid/7/allow uid/default/allow
        mkdir r/label/good:t:s0/env; echo yes >r/label/good:t:s0/env/LABELLED
        s6-accessrules-cdb-from-fs c r

        """;

    [Theory]
    [InlineData("good:t:s0", "", "in yes")]
    [InlineData("good:t:s0\0", "", "in yes")]
    [InlineData("bad", "", "1")]
    [InlineData("good:t:s", "", "in")]
    [InlineData("an other", "", "in")]
    [InlineData("", Unusable, "1")]
    [InlineData("\0", Unusable, "1")]
    [InlineData("a/b", Unusable, "1")]
    [InlineData("/usr/bin/x (enforce)", Unusable, "1")]
    [InlineData(".", Unusable, "1")]
    [InlineData("..", Unusable, "1")]
    [InlineData(".hidden", Unusable, "1")]
    [InlineData("a\nb", Unusable, "1")]
    [InlineData("a\0b", Unusable, "1")]
    [InlineData("a\u007f", Unusable, "1")]
    public void A_label_is_a_key_or_refuses(string label, string message, string answer) => Script.Expect(
        Rules + $"""
        for rules in '-i r' '-x c'; do
            {Answering(label)} acc -E $rules sh -c 'echo in $LABELLED' 2>>log || echo $?
            # Whom a rule of its ids decides about isn't asked for it.
            U=7 strace -qq -o trace -e trace=getsockopt acc -v0 -E $rules cat trace
        done
        grep -v allow log
        """,
        $"{answer}\n{answer}" + string.Concat(Enumerable.Repeat(message.Length == 0 ? "" : "\ns6-ipcserver-access: info: " + message, 2)));

    [Theory]
    [InlineData("ENOPROTOOPT", "Protocol not available")]
    [InlineData("EPERM", "Operation not permitted")]
    [InlineData("EFAULT", "Bad address")]
    public void Without_an_answer_nobody_is_let_in_whom_such_a_rule_could_decide_about(string error, string text) => Script.Expect(
        Rules + $"""
        refusing="withsocket 0 connected strace -qq -o /dev/null -e trace=getsockopt -e inject=getsockopt:error={error}"
        for rules in '-i r' '-x c'; do $refusing acc -E $rules echo in || echo $?; done
        rm -r r/label; s6-accessrules-cdb-from-fs c r
        for rules in '-i r' '-x c'; do $refusing acc -v0 -E $rules echo no such rules; done
        """,
        "111\n111\nno such rules\nno such rules",
        string.Join('\n', Enumerable.Repeat($"s6-ipcserver-access: fatal: unable to getsockopt SO_PEERSEC: {text}", 2)));

    [Fact]
    public void A_label_that_is_longer_than_any_name_refuses() => Script.Expect(
        Rules + """
        withsocket 0 connected strace -qq -o /dev/null -e trace=getsockopt -e inject=getsockopt:error=ERANGE acc -v0 -E -i r echo in || echo $?
        long=$(printf %255s | tr ' ' x)
        mkdir r/label/$long; touch r/label/$long/deny
        s6-access-check -i r -u 5 -g 6 -L $long | tail -n 1 | cut -c 1-30; s6-access-check -i r -u 5 -g 6 -L x$long | tail -n 1
        """,
        "1\ndeny, decided by label/xxxxxxx\ndeny: its security label can't be the name of a rule");

    [Fact]
    public void In_a_server_it_is_the_same() => Script.Expect(
        Rules + $$"""
        serve -q sock s6-ipcserver-access -v0 -i r sh -c 'echo in $LABELLED' 2>log
        cl
        labelled() {
            # By the thread that asks gates, SO_PEERCRED comes first.
            attach -e trace=getsockopt -e inject=getsockopt:retval=0:poke_exit=@arg4=$1:when=2
            cl
            detach
        }
        labelled {{Hexadecimal("good:t:s0")}},@arg5=09000000
        labelled {{Hexadecimal("bad")}},@arg5=03000000
        """,
        "in yes");

    private const string Unusable = "deny pid PID uid 1000 gid 1001: its security label can't be the name of a rule";

    /// <summary>The prefix of a gate that makes the kernel report this label.</summary>
    private static string Answering(string label) =>
        "withsocket 0 connected strace -qq -o /dev/null -e trace=getsockopt "
        + $"-e inject=getsockopt:retval=0:poke_exit={(label.Length > 0 ? $"@arg4={Hexadecimal(label)}," : "")}@arg5={label.Length:x2}000000";

    private static string Hexadecimal(string text) => Convert.ToHexString(Encoding.Latin1.GetBytes(text)).ToLowerInvariant();
}
