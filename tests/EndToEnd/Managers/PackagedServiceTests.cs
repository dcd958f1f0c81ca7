using System.IO;
using System.Linq;
using Xunit;

namespace LocalService.Tests.EndToEnd.Managers;

/// <summary>The examples for service managers in src/Packaging: each is run by its manager, if Debian has it.</summary>
public sealed class PackagedServiceTests
{
    // place FROM TO: copies an example and inserts the paths of this test. ask: connects as root, and as user 1000, who is refused.
    private static readonly string helpers =
        $"packaging={Repository.PathOf("src", "Packaging")}; executable={ProgramsUnderTest.Executable}\n" +
        """
        place() {
            mkdir -p $2; cp -r $packaging/$1/. $2
            find $2 -type f -exec sed -i "s,/usr/bin/localservice,$executable,g; s,/etc/localservice,$PWD/etc,g; s,/run/localservice-,$PWD/run/,g
                s,/run/example/socket,$PWD/run/example,g; s,/var/log/localservice-example,$PWD/log,g" {} +
        }
        ask() { cl run/example; setpriv --reuid 1000 --regid 1000 --clear-groups cl run/example; }
        mkdir -p etc/example/rules/uid/0 etc/example/rules/uid/1000 log run
        touch etc/example/rules/uid/0/allow etc/example/rules/uid/1000/deny; chmod 777 log
        printf '#!/bin/sh\necho served as $(id -u)\n' >etc/example/run; chmod +x etc/example/run

        """;

    [Fact]
    public void Units_of_systemd_are_right_and_closed() => Script.Expect(
        helpers + """
        mkdir -p root/usr/bin root/usr/lib/systemd/system root/etc/systemd/system root/etc/localservice/example
        ln -s usr/lib root/lib; cp /lib/systemd/system/*.target /lib/systemd/system/*.slice root/lib/systemd/system
        cp $packaging/systemd/* root/etc/systemd/system; cp $executable root/usr/bin; cp etc/example/run root/etc/localservice/example
        systemd-analyze verify --root=$PWD/root --man=no $(ls $packaging/systemd); echo $?
        for service in $(cd $packaging/systemd; ls *.service | sed s/@/@1/); do
            systemd-analyze security --offline=true --root=$PWD/root --no-pager $service | sed -n 's/.*exposure level for \(.*\): \(.*\) SAFE.*/\1 \2/p'
        done
        """,
        "0\nlocalservice-each@1.service 0.5\nlocalservice-example.service 0.5\nlocalservice-fdholder.service 0.5\nlocalservice-syslogd.service 0.5");

    [Fact]
    public void Their_commands_serve_the_sockets_of_their_units() => Script.Expect(
        helpers + """
        place systemd units; mkdir -p etc/fdholder; cp -r etc/example/rules etc/fdholder/rules
        command() { sed -n 's/^ExecStart=//p' "units/localservice-$1.service"; }
        systemd-socket-activate -l $PWD/run/example $(command example) 2>log/1 & server=$!
        listening $PWD/run/example; chmod 777 run/example; ask; kill $server; wait $server; echo $?; rm run/example
        systemd-socket-activate --accept --inetd -l $PWD/run/example $(command each@) 2>log/2 & server=$!
        listening $PWD/run/example; chmod 777 run/example; ask; kill $server
        systemd-socket-activate -l $PWD/run/fdholder $(command fdholder) 2>log/3 & server=$!
        listening $PWD/run/fdholder; s6-fdholder-list run/fdholder; kill $server; wait $server; echo $(($? & 1))
        systemd-socket-activate -d -l $PWD/run/syslog $(command syslogd) 2>log/4 >lines & server=$!
        until_true test -S run/syslog; printf '<13>hello' | socat -u - UNIX-SENDTO:run/syslog; until_true grep -q hello lines; kill $server; wait $server; echo $?
        """,
        "served as 0\n0\nserved as 0\n0\n0",
        "s6-fdholder-list: fatal: unable to get fd list: Operation not permitted");

    [Fact]
    public void Under_s6() => Script.Expect(
        helpers + """
        place s6 scan
        s6-svscan scan & manager=$!
        trap 's6-svscanctl -t scan; wait $manager' EXIT
        until_true s6-svok scan/localservice-example; s6-svwait -U scan/localservice-example
        ask; until_true grep -q allow log/current
        """,
        "served as 65534");

    [Fact]
    public void Under_runit() => Script.Expect(
        helpers + """
        place runit scan
        runsvdir scan & manager=$!
        trap 'kill -HUP $manager; wait $manager' EXIT
        ready() { [[ $(sv check $PWD/scan/localservice-example) == ok:* ]]; }
        until_true ready; listening $PWD/run/example
        ask; until_true grep -q allow log/current
        """,
        "served as 65534");

    /// <summary>Neither s6-rc nor s6-overlay is in Debian: their run scripts are run with the descriptor for the readiness notification.</summary>
    [Theory]
    [InlineData("s6-rc", "localservice-example")]
    [InlineData("s6-overlay/etc/s6-overlay/s6-rc.d", "localservice-example")]
    public void Definitions_of_s6_rc_run(string definitions, string service)
    {
        Script.Expect(
            helpers + $$"""
            place {{definitions}} definitions; cat definitions/{{service}}/{type,notification-fd}
            mkfifo ready; (cd definitions/{{service}}; exec ./run 3>../../ready) >log/out 2>&1 & server=$!
            read -r _ <ready; ask; kill $server; wait $server; echo $?
            """,
            "longrun\n3\nserved as 65534\n0");
        string root = Repository.PathOf(["src", "Packaging", .. definitions.Split('/')]);
        foreach (string directory in Directory.GetDirectories(root).Where(directory => File.Exists(Path.Combine(directory, "type"))))
        {
            string[] names = [.. Directory.GetFileSystemEntries(directory).Select(Path.GetFileName).Order()!];
            Assert.All(names, name => Assert.Contains(name, new[] { "type", "run", "notification-fd", "producer-for", "consumer-for", "pipeline-name", "dependencies.d" }));
            foreach (string link in new[] { "producer-for", "consumer-for" }.Where(names.Contains))
                Assert.True(Directory.Exists(Path.Combine(root, File.ReadAllText(Path.Combine(directory, link)).Trim())), $"{directory}: {link}");
        }
    }

    /// <summary>OpenRC rewrites the runlevels of the machine that it is installed on: its script is sourced, and the command in it is run.</summary>
    [Fact]
    public void What_the_script_for_OpenRC_says_runs() => Script.Expect(
        helpers + """
        place openrc rc; sh -n rc/localservice-example; echo $?
        (. rc/localservice-example; set -f; exec $command $command_args) 2>log/out & server=$!
        (. rc/localservice-example; start_post); echo $?; ask; kill $server; wait $server; echo $?
        """,
        "0\n0\nserved as 65534\n0");

    /// <summary>Nothing in Debian 12 can run the file without a container daemon.</summary>
    [Fact]
    public void What_the_compose_file_says_runs() => Script.Expect(
        helpers + """
        place compose .
        python3 - >commands <<'END'
        import json, re, shlex
        for line in open("compose.yaml"):
            if found := re.fullmatch(r' +(command|test): (\[.*\])\n', line):
                print("exec", shlex.join(word for word in json.loads(found[2]) if word != "CMD"))
        END
        (eval "$(sed -n 1p commands)") 2>log/out & server=$!
        healthy() { (eval "$(sed -n 2p commands)") >list 2>/dev/null; }
        until_true healthy; grep -c '^ipcserverd ' list
        (eval "$(sed -n 3p commands)") </dev/null; kill $server; wait $server; echo $?
        """,
        "1\nserved as 65534\n0");

    [Fact]
    public void Profiles_of_AppArmor_are_compiled() => Script.Expect(
        helpers + """
        apparmor_parser -QKT -I $packaging/apparmor -N $packaging/apparmor/localservice 2>/dev/null
        apparmor_parser -QKT -I $packaging/apparmor -S $packaging/apparmor/localservice 2>/dev/null | wc -c | awk '{ print ($1 > 1000) }'
        """,
        "localservice-fdholder\nlocalservice-program\nlocalservice-server\nlocalservice-syslog\n1");
}
