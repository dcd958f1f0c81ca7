using Xunit;

namespace LocalService.Tests.EndToEnd.Privilege;

/// <summary>The sources of accounts, and the treatment of sources that can't be trusted.</summary>
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

    // The answers of a directory service, which are in no file. It gets exactly these three questions.
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

    private const string ShowProcess = "grep -E '^(Uid|Gid|Groups)' /proc/self/status | cut -f2- | sed 's/.*\\t//; s/ $//' | paste -sd/";

    [Theory]
    [InlineData("-u alice", "1000/1000/4 29 100 1000")]
    [InlineData("-u bob", "1001/100/4 29 100")]
    [InlineData("-u lonely", "9/9/9")]
    [InlineData("-u alice -g audio", "1000/29/4 29 100")]
    [InlineData("-g audio -u alice", "1000/29/4 29 100")]
    [InlineData("-u alice -g 77", "1000/77/4 29 77 100")]
    [InlineData("-u alice -g 0", "1000/0/0 4 29 100")]
    [InlineData("-u alice -G ''", "1000/1000/1000")]
    [InlineData("-G users,7,audio -u alice", "1000/1000/7 29 100 1000")]
    [InlineData("-u 1000", "1000/0/")]
    [InlineData("-u alice -u 1000", "1000/0/")]
    [InlineData("-u 12", "12/0/")]
    [InlineData("-g audio", "0/29/0 8")]
    [InlineData("-u root", "0/0/0")]
    public void A_name_stands_for_its_ids_and_that_of_a_user_for_its_groups_too(string options, string expected) => Script.Expect(
        $$"""
        withaccounts setpriv --groups 0,8 s6-applyuidgid {{options}} bash -c "{{ShowProcess}}"
        mkfifo ready
        withaccounts setpriv --groups 0,8 s6-ipcserver -1 {{options}} sock cat >ready & read -r _ <ready
        sed -n 's/^\(Uid\|Gid\):.*\t//p; s/^Groups:\t\(.*\)/\1/p' /proc/$!/status | sed 's/ $//' | paste -sd/
        """,
        expected + "\n" + expected);

    // Each front end of a server resolves the names and passes numbers on.
    [Theory]
    [InlineData("tcpserver", "127.0.0.1 0 cat")]
    [InlineData("fdholder-daemon", "sock")]
    [InlineData("syslogd", "-x sock")]
    [InlineData("socklog", "-x sock")]
    public void A_name_stands_for_the_same_in_every_server(string role, string operands) => Script.Expect(
        $$"""
        mkdir -p rules
        serve_as() {
            mkfifo ready
            exec 7<>ready
            if [ {{role}} = tcpserver ] || [ {{role}} = fdholder-daemon ]; then
                withaccounts setpriv --groups 0,8 s6-{{role}} -1 "$@" >&7 &
            else
                withaccounts setpriv --groups 0,8 s6-{{role}} -d 7 "$@" >/dev/null &
            fi
            read -r _ <&7
            sed -n 's/^\(Uid\|Gid\):.*\t//p; s/^Groups:\t\(.*\)/\1/p' /proc/$!/status | sed 's/ $//' | paste -sd/
            kill $!; wait $! 2>/dev/null; rm -f ready sock
        }
        more=$([ {{role}} = fdholder-daemon ] && echo -i rules)
        for options in '-u alice' '-u alice -g audio' '-u 12' '-u 12 -g 13 -G adm'; do serve_as $options $more {{operands}}; done
        """,
        "1000/1000/4 29 100 1000\n1000/29/4 29 100\n12/0/\n12/13/4 13");

    [Theory]
    [InlineData("", "-u alice", "1000/1000/4 29 100 1000")]
    [InlineData("-u alice", "", "5/6/6 7")]
    [InlineData("", "-g audio", "5/29/7 29")]
    [InlineData("", "-u alice -g audio", "1000/29/4 29 100")]
    public void What_follows_U_takes_the_place_of_the_environment(string before, string after, string expected) => Script.Expect(
        $"env UID=5 GID=6 GIDLIST=7 withaccounts s6-applyuidgid {before} -U {after} bash -c \"{ShowProcess}\"", expected);

    [Theory]
    [InlineData("-u nemo", "invalid user for -u: nemo")]
    [InlineData("-u 5x", "invalid user for -u: 5x")]
    [InlineData("-u ''", "invalid user for -u: ")]
    [InlineData("-u 4294967296", "invalid number for -u: 4294967296")]
    [InlineData("-g nemo", "invalid group for -g: nemo")]
    [InlineData("-G adm,nemo", "invalid list of group ids for -G: adm,nemo")]
    [InlineData("-G adm,,audio", "invalid list of group ids for -G: adm,,audio")]
    [InlineData("-G ,adm", "invalid list of group ids for -G: ,adm")]
    public void An_unknown_name_is_wrong_use_before_anything_is_bound(string options, string problem)
    {
        foreach (string command in (string[])["applyuidgid", "ipcserver", "fdholder-daemon", "tcpserver", "syslogd", "socklog"])
            Script.Expect($"withaccounts s6-{command} {options} sock true true; echo $?; ls", "100\ngroup\npasswd", $"s6-{command}: fatal: {problem}\ns6-{command}: usage: s6-{command} ...");
    }

    [Theory]
    [InlineData("passwd", "-u alice", "user alice: No such device")]
    [InlineData("group", "-u alice", "groups of user alice: No such device")]
    [InlineData("group", "-g adm", "group adm: No such device")]
    [InlineData("group", "-G 5,adm", "list of group ids 5,adm: No such device")]
    public void A_name_that_can_not_be_looked_up_is_fatal(string file, string options, string problem) => Script.Expect(
        $"withaccounts true; rm {file}; mkfifo {file}; withaccounts s6-ipcserver {options} sock true; echo $?; withaccounts s6-applyuidgid -u 1 -g 2 -G 3 echo numbers",
        "111\nnumbers",
        $"s6-ipcserver: fatal: unable to look up {problem}");

    [Fact]
    public void Who_may_not_become_the_user_does_not_become_half_of_it() => Script.Expect(
        "for user in alice root; do withaccounts as1000 s6-applyuidgid -u $user touch ran; echo $?; done; ls",
        "111\n111\ngroup\npasswd",
        """
        s6-applyuidgid: fatal: unable to set supplementary group list: Operation not permitted
        s6-applyuidgid: fatal: unable to set supplementary group list: Operation not permitted
        """);

    [Theory]
    [InlineData("alice:audio", "1000 29")]
    [InlineData("alice:", "1000 0")]
    [InlineData(":audio", "0 29")]
    [InlineData("12:alice", "12 1000")]
    public void The_owner_of_a_socket_may_be_named(string owner, string expected) => Script.Expect(
        $"""
        withaccounts s6-ipcserver-socketbinder -o {owner} sock stat -c '%u %g' sock
        mkfifo ready; withaccounts s6-ipcserver -1 -o {owner} sock2 true >ready & read -r _ <ready; stat -c '%u %g' sock2
        """,
        expected + "\n" + expected);

    [Theory]
    [InlineData("nemo:audio")]
    [InlineData("alice:nemo")]
    [InlineData("alice")]
    [InlineData(":")]
    [InlineData("4294967295:")]
    public void The_owner_of_a_socket_is_known_or_nothing_is_bound(string owner) => Script.Expect(
        $"withaccounts s6-ipcserver-socketbinder -o {owner} sock true; echo $?; ls",
        "100\ngroup\npasswd",
        $"s6-ipcserver-socketbinder: fatal: invalid uid:gid for -o: {owner}\ns6-ipcserver-socketbinder: usage: s6-ipcserver-socketbinder ...");
}
