using Xunit;

namespace LocalService.Tests.EndToEnd.Privilege;

/// <summary>Where accounts come from, and what becomes of sources that can't be trusted.</summary>
public sealed class AccountTests
{
    private const string ShowIds = "sh -c 'echo $UID $GID $GIDLIST'";

    [Theory]
    [InlineData("rm passwd; mkfifo passwd", "No such device")]
    [InlineData("rm passwd; ln -s /dev/zero passwd", "No such device")]
    [InlineData("head -c 17000000 /dev/zero >passwd", "File too large")]
    public void A_file_of_accounts_that_is_none_refuses(string damage, string reason) => Script.Expect(
        $"withaccounts true; {damage}; withaccounts timeout 10 s6-envuidgid -D 1:2:3 alice {ShowIds}; echo $?",
        "111",
        $"s6-envuidgid: fatal: unable to look up user alice: {reason}");

    [Fact]
    public void A_file_of_accounts_that_may_not_be_read_refuses() => Script.Expect(
        $"withaccounts true; chmod 600 passwd group; withaccounts as1000 s6-envuidgid alice {ShowIds}; chmod 644 passwd; withaccounts as1000 s6-envuidgid alice {ShowIds}",
        "",
        """
        s6-envuidgid: fatal: unable to look up user alice: Permission denied
        s6-envuidgid: fatal: unable to look up the groups of user alice: Permission denied
        """);

    [Fact]
    public void Files_that_are_not_there_have_no_names_in_them() => Script.Expect(
        $$"""
        inside='rm /etc/passwd; s6-envuidgid root true; echo root:x:0:0::: >/etc/passwd; s6-envuidgid root {{ShowIds.Replace("'", "\"", System.StringComparison.Ordinal).Replace("$", "\\$", System.StringComparison.Ordinal)}}'
        mkdir etc; cp /etc/passwd etc; unshare --mount bash -c "mount --bind etc /etc; $inside"
        """,
        "0 0",
        "s6-envuidgid: fatal: unknown user: root");

    [Fact]
    public void A_long_line_and_a_binary_one_are_lines_like_others() => Script.Expect(
        $$"""
        withaccounts true
        { head -c 3000000 /dev/zero | tr '\0' ,; echo; head -c 100000 /dev/urandom; echo; echo 'zoe:x:5:6:::'; } >passwd
        { echo 'large:x:77:'; printf 'many:x:78:'; seq -f 'user%g,' 200000 | tr -d '\n'; echo zoe; } >group
        withaccounts s6-envuidgid zoe {{ShowIds}}
        """,
        "5 6 78");

    // The answers of a directory service, which no file has. It is asked for exactly these three.
    private const string Directory =
        """
        mkdir bin; cat >bin/getent <<'END'
        #!/bin/sh
        echo "$*" >>asked
        case "$*" in
        'passwd ada') echo 'ada:*:500001:500002:Ada:/home/ada:/bin/sh' ;;
        'initgroups ada') echo 'ada                  500002 500010' ;;
        'group staff') echo 'staff:*:500010:ada' ;;
        'passwd 12') echo 'man:x:6:12:man:/:/bin/sh' ;;
        'passwd broken') exit 3 ;;
        'passwd killed') kill -9 $$ ;;
        *) exit 2 ;;
        esac
        END
        chmod +x bin/getent; PATH=$PWD/bin:$PATH

        """;

    [Fact]
    public void The_name_service_is_asked_only_with_N() => Script.Expect(
        Directory + $"s6-envuidgid -N ada {ShowIds}; s6-envuidgid -NB ada:staff sh -c 'echo $UID $GID'; s6-envuidgid ada true; cat asked",
        """
        500001 500002 500002,500010
        500001 500010
        passwd ada
        initgroups ada
        group staff
        passwd ada
        """,
        "s6-envuidgid: fatal: unknown user: ada");

    [Fact]
    public void What_the_name_service_does_not_know_is_unknown_and_what_it_says_of_others_is_not_taken() => Script.Expect(
        Directory + "for name in root 12 -V; do s6-envuidgid -N -- $name true; done; s6-envuidgid -Nnu 12 sh -c 'echo $UID'",
        "12",
        """
        s6-envuidgid: fatal: unknown user: root
        s6-envuidgid: fatal: unknown user: 12
        s6-envuidgid: fatal: unknown user: -V
        """);

    [Fact]
    public void A_name_service_that_fails_refuses_whatever_the_defaults() => Script.Expect(
        Directory + "for name in broken killed; do s6-envuidgid -N -D 1:2:3 $name true; echo $?; done",
        """
        111
        111
        """,
        """
        s6-envuidgid: fatal: unable to look up user broken: Input/output error
        s6-envuidgid: fatal: unable to look up user killed: Input/output error
        """);

    [Fact]
    public void A_name_service_that_never_stops_answering_is_stopped() => Script.Expect(
        "mkdir bin; printf '#!/bin/sh\\nexec cat /dev/zero\\n' >bin/getent; chmod +x bin/getent; PATH=$PWD/bin:$PATH timeout 20 s6-envuidgid -N ada true; echo $?",
        "111",
        "s6-envuidgid: fatal: unable to look up user ada: File too large");

    [Fact]
    public void Without_a_name_service_the_files_are_asked() => Script.Expect(
        "c=$(command -v s6-envuidgid); withaccounts env PATH=/nowhere $c -N alice /bin/sh -c 'echo $UID $GIDLIST'",
        "1000 100,4,29");

    [Fact]
    public void The_real_name_service_agrees_with_the_files() => Script.Expect(
        $$"""
        for name in $(cut -d: -f1 /etc/passwd); do
            cmp <(s6-envuidgid $name {{ShowIds}}) <(s6-envuidgid -N $name {{ShowIds}}) || echo $name
        done
        """,
        "");
}
