using Xunit;

namespace LocalService.Tests.EndToEnd.Access;

/// <summary>Databases made to write outside the directory that they are decompiled into (decision 6).</summary>
public sealed class HostileDatabaseTests
{
    [Theory]
    [InlineData("../evil/x")]
    [InlineData("..")]
    [InlineData("../x")]
    [InlineData("uid/..")]
    [InlineData("uid/.")]
    [InlineData("./x")]
    [InlineData("uid/../../x")]
    [InlineData("uid/../x")]
    [InlineData("/evil/x")]
    [InlineData("/evil")]
    [InlineData("uid/")]
    [InlineData("/")]
    [InlineData("uid//x")]
    [InlineData("uid")]
    [InlineData("")]
    [InlineData("uid/x/y")]
    [InlineData("uid/.x")]
    [InlineData(".x/y")]
    public void Decision_6_keys_that_would_leave_the_directory_write_nothing(string key) => Script.Expect(
        $$"""
        key='{{key}}'
        printf '+6,1:gid/10->D\n+%d,5:%s->A\0\0\0\0\n\n' "${#key}" "$key" | cdb -c c
        s6-accessrules-fs-from-cdb d c || echo $?
        find . ! -newer c ! -name c ! -name .
        ls -A
        """,
        """
        111
        c
        """,
        "s6-accessrules-fs-from-cdb: fatal: unable to handle cdb record: c does not contain valid accessrules data");

    [Theory]
    [InlineData("../../../evil=x")]
    [InlineData("../evil")]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData(".hidden=x")]
    [InlineData("/evil=x")]
    [InlineData("a/b=x")]
    [InlineData("=x")]
    [InlineData("")]
    public void Decision_6_variables_that_would_leave_the_directory_write_nothing(string edit) => Script.Expect(
        $$"""
        edit='{{edit}}'
        size=$((${#edit} + 1))
        printf "+6,1:gid/10->D\n+6,%d:uid/10->A\0\\$(printf %o $size)%s\0\0\0\n\n" $((size + 5)) "$edit" | cdb -c c
        s6-accessrules-fs-from-cdb d c || echo $?
        ls -A
        """,
        """
        111
        c
        """,
        "s6-accessrules-fs-from-cdb: fatal: unable to handle cdb record: c does not contain valid accessrules data");

    [Fact]
    public void A_NUL_in_a_key_is_refused() => Script.Expect(
        """
        printf '+7,1:uid/a\0b->D\n\n' | cdb -c c
        s6-accessrules-fs-from-cdb d c || echo $?
        ls -A
        """,
        """
        111
        c
        """,
        "s6-accessrules-fs-from-cdb: fatal: unable to handle cdb record: c does not contain valid accessrules data");

    [Theory]
    [InlineData("mkdir d", "File exists")]
    [InlineData("touch d", "File exists")]
    [InlineData("ln -s elsewhere d", "File exists")]
    [InlineData("mkdir elsewhere; ln -s elsewhere d", "File exists")]
    public void What_stands_at_the_target_stays(string preparation, string reason) => Script.Expect(
        $"""
        {preparation}
        mkcdb c uid/0 'A\0\0\0\0'
        before=$(find . -printf '%P %y %l\n' | sort)
        s6-accessrules-fs-from-cdb d c || echo $?
        [ "$before" = "$(find . -printf '%P %y %l\n' | sort)" ] && echo unchanged
        """,
        """
        111
        unchanged
        """,
        $"s6-accessrules-fs-from-cdb: fatal: unable to mkdir d: {reason}");

    [Fact]
    public void A_name_that_the_file_system_refuses_takes_everything_back() => Script.Expect(
        """
        mkcdb c uid/0 D "uid/$(printf %256s | tr ' ' x)" D
        s6-accessrules-fs-from-cdb d c 2>error || echo $?
        grep -o 'unable to mkdir d/uid/x' error
        grep -o 'File name too long' error
        ls -A
        """,
        """
        111
        unable to mkdir d/uid/x
        File name too long
        c
        error
        """);

    [Fact]
    public void The_gate_takes_no_harm_from_hostile_keys_or_names() => Script.Expect(
        """
        mkcdb c ../x D uid/1000 'A\0\7/../=1\0\0\0' uid/1001 'A\0\3=x\0\0\0'
        acc -v 0 -E -x c showenv | grep -o '</../=1>'
        U=1001 acc -v 0 -E -x c echo let in || echo $?
        """,
        """
        </../=1>
        111
        """,
        "s6-ipcserver-access: fatal: unable to check cdb ruleset in c: Invalid argument");
}
