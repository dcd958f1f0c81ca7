using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Xunit;

namespace LocalService.Tests.EndToEnd.Server;

/// <summary>
/// Gates that the server asks itself and gates that are programs of their own (<c>-S</c>): a client and the reader of the log see the same.
/// </summary>
public sealed partial class GateModeTests
{
    private const uint OtherUser = 1000;
    private const string Show = "cat /proc/self/environ";
    private const string Rules = "put uid/0/allow uid/1000/deny";
    private const string Database = Rules + "; s6-accessrules-cdb-from-fs c r";
    private const string Impostor = "mkdir x; printf '#!/bin/sh\\necho impostor; exec \"$@\"\\n' >x/s6-connlimit; chmod +x x/s6-connlimit";
    private const string NoConnection = "deny pid PID uid 0 gid 0: No such file or directory";

    /// <summary>Each row has its purpose, commands that run before the server, the program, and a text that a client or the log gets.</summary>
    [Theory]
    [InlineData("no rules", "", $"s6-ipcserver-access {Show}", "s6-ipcserver-access: info: allow pid PID uid 1000 gid 1000")]
    [InlineData("no rules, loud", "", $"s6-ipcserver-access -v2 {Show}", "warning: invoked without a ruleset!")]
    [InlineData("directory", Rules, $"s6-ipcserver-access -i r {Show}", "exitcode 1")]
    [InlineData("directory, silent", Rules, $"s6-ipcserver-access -v0 -i r {Show}", "IPCLOCALPATH=sock")]
    [InlineData("directory, loud", Rules, $"s6-ipcserver-access -v2 -i r {Show}", "deny pid PID uid 1000 gid 1000: Permission denied")]
    [InlineData("directory, no rule", "put gid/5/allow", $"s6-ipcserver-access -v2 -i r {Show}", NoConnection)]
    [InlineData("directory missing", "", $"s6-ipcserver-access -i r {Show}", "rules directory r does not exist")]
    [InlineData("directory missing, loud", "", $"s6-ipcserver-access -v2 -i r {Show}", NoConnection)]
    [InlineData("directory missing, silent", "", $"s6-ipcserver-access -v0 -i r {Show}", "exitcode 1")]
    [InlineData("directory is a file", "touch r", $"s6-ipcserver-access -i r {Show}", "exitcode 111")]
    [InlineData("value is no file", "put uid/0/allow; mkdir -p r/uid/0/env/A", $"s6-ipcserver-access -i r {Show}", "exitcode 111")]
    [InlineData("groups", "put group/0/allow group/1000/deny", $"s6-ipcserver-access -v2 -i r {Show}", "deny pid PID uid 1000 gid 1000: Permission denied")]
    [InlineData("groups, no rule", "put group/0/allow; s6-accessrules-cdb-from-fs c r", $"s6-ipcserver-access -v3 -x c {Show}", "decided by group/0")]
    [InlineData("groups, a file", "put uid/0/allow; touch r/group", $"s6-ipcserver-access -i r {Show}", "exitcode 111")]
    [InlineData("process", "put uid/0/allow", $"s6-ipcserver-access -f -i r s6-connlimit {Show}", "IPCREMOTEPIDFD=3")]
    [InlineData("database", Database, $"s6-ipcserver-access -x c {Show}", "exitcode 1")]
    [InlineData("database, silent", Database, $"s6-ipcserver-access -v0 -x c {Show}", "IPCLOCALPATH=sock")]
    [InlineData("database, loud", Database, $"s6-ipcserver-access -v2 -x c {Show}", "deny pid PID uid 1000 gid 1000: Permission denied")]
    [InlineData("database, no rule", "mkcdb c gid/5 A", $"s6-ipcserver-access -v2 -x c {Show}", NoConnection)]
    [InlineData("database missing", "", $"s6-ipcserver-access -x c {Show}", "exitcode 111")]
    [InlineData("database empty", ": >c", $"s6-ipcserver-access -x c {Show}", "exitcode 111")]
    [InlineData("database cut", Database + "; truncate -s 2100 c", $"s6-ipcserver-access -x c {Show}", "exitcode 111")]
    [InlineData("record damaged", "mkcdb c uid/0 'A\\377\\377'", $"s6-ipcserver-access -x c {Show}", "exitcode 111")]
    [InlineData("edits", EditRules, $"s6-ipcserver-access -i r {Show}", "|A=1|")]
    [InlineData("edits, database", EditRules + "; s6-accessrules-cdb-from-fs c r", $"s6-ipcserver-access -x c {Show}", "A=1|")]
    [InlineData("many edits", "put uid/0/allow; mkdir r/uid/0/env; for i in {1..300}; do head -c 2000 /dev/zero | tr '\\0' x >r/uid/0/env/V$i; done", $"s6-ipcserver-access -i r {Show}", "|V300=xxx")]
    [InlineData("script", "put uid/0/allow; echo 'echo from the script' >r/uid/0/exec", $"s6-ipcserver-access -i r {Show}", "from the script")]
    [InlineData("script, database", "put uid/0/allow; echo 'cat /proc/self/environ' >r/uid/0/exec; s6-accessrules-cdb-from-fs c r", "s6-ipcserver-access -x c false", "IPCREMOTEEUID=0")]
    [InlineData("script with a gate", "put uid/0/allow; echo 's6-connlimit cat /proc/self/environ' >r/uid/0/exec", "s6-ipcserver-access -i r false", "IPCREMOTEEUID=0")]
    [InlineData("local name", "", $"s6-ipcserver-access -l 'a name' {Show}", "IPCLOCALPATH=a name")]
    [InlineData("local name, empty", "", $"s6-ipcserver-access -l '' {Show}", "IPCLOCALPATH=|")]
    [InlineData("environment", "", $"s6-ipcserver-access -E -e {Show}", "IPCREMOTEEUID=0")]
    [InlineData("no environment", "export IPCOTHER=stays", $"s6-ipcserver-access -e -E -l name {Show}", "IPCOTHER=stays")]
    [InlineData("no environment for the next gate", "", $"s6-ipcserver-access -E s6-connlimit {Show}", "s6-connlimit: fatal: PROTO not set")]
    [InlineData("limit alone", "", $"s6-connlimit {Show}", "IPCCONNNUM=1")]
    [InlineData("limit met", "export IPCCONNMAX=1", $"s6-connlimit {Show}", "IPCCONNMAX=1")]
    [InlineData("limit passed", "export IPCCONNMAX=0", $"s6-connlimit {Show}", "s6-connlimit: fatal: number of connections from this client limited to 0")]
    [InlineData("limit wrong", "export IPCCONNMAX=many", $"s6-connlimit {Show}", "invalid IPCCONNMAX")]
    [InlineData("access, limit", "put uid/0/allow uid/1000/allow; mkdir r/uid/0/env; echo 0 >r/uid/0/env/IPCCONNMAX", $"s6-ipcserver-access -i r s6-connlimit {Show}", "limited to 0")]
    [InlineData("limit, access", Rules, $"s6-connlimit s6-ipcserver-access -v2 -i r {Show}", "Permission denied")]
    [InlineData("limit, access, limit", Rules, $"s6-connlimit ipcserver-access -v2 -i r connlimit {Show}", "Permission denied")]
    [InlineData("access twice", Database, $"s6-ipcserver-access -v2 -l first -- s6-ipcserver-access -v2 -x c -l second {Show}", "IPCLOCALPATH=second")]
    [InlineData("access twice, the first denies", Rules, $"s6-ipcserver-access -v2 -i r s6-ipcserver-access -v2 {Show}", "Permission denied")]
    [InlineData("PROTO changed for a limit", "put uid/0/allow; mkdir r/uid/0/env; echo TCP >r/uid/0/env/PROTO", $"s6-ipcserver-access -i r s6-connlimit {Show}", "TCPCONNNUM not set")]
    [InlineData("PROTO changed for an access", "put uid/0/allow; mkdir r/uid/0/env; echo X >r/uid/0/env/PROTO", $"s6-ipcserver-access -i r s6-ipcserver-access {Show}", "XREMOTEEUID not set")]
    [InlineData("ids changed for an access", "put uid/0/allow; mkdir r/uid/0/env; echo 7 >r/uid/0/env/IPCREMOTEEUID", $"s6-ipcserver-access -i r s6-ipcserver-access {Show}", "allow pid PID uid 7 gid 0")]
    [InlineData("PATH changed for the program", PathRule, "s6-ipcserver-access -i r s6-connlimit probe", "the other probe")]
    [InlineData("PATH not yet changed", PathRule, "s6-ipcserver-access -i r probe", "the first probe")]
    [InlineData("PATH changed for a gate", Impostor + "; put uid/0/allow; mkdir r/uid/0/env; echo $PWD/x:$PATH >r/uid/0/env/PATH", $"s6-ipcserver-access -i r s6-ipcserver-access s6-connlimit {Show}", "impostor")]
    [InlineData("PATH not yet changed for a gate", Impostor + "; put uid/0/allow; mkdir r/uid/0/env; echo $PWD/x:$PATH >r/uid/0/env/PATH", $"s6-ipcserver-access -i r s6-connlimit {Show}", "PATH=DIR/x:")]
    [InlineData("another file of that name", Impostor + "; PATH=$PWD/x:$PATH", $"s6-connlimit {Show}", "impostor")]
    [InlineData("another file behind a gate", Impostor + "; PATH=$PWD/x:$PATH", $"s6-ipcserver-access s6-connlimit {Show}", "impostor")]
    [InlineData("another file by its path", Impostor, $"s6-ipcserver-access x/s6-connlimit {Show}", "impostor")]
    [InlineData("this file by its path", "export IPCCONNMAX=0; ln -s $(command -v s6-connlimit) s6-connlimit", $"./s6-connlimit {Show}", "limited to 0")]
    [InlineData("a copy of this file", "export IPCCONNMAX=0; cp $(readlink -f $(command -v s6-connlimit)) s6-connlimit", $"./s6-connlimit {Show}", "limited to 0")]
    [InlineData("a gate of another make", Rules, $"/usr/bin/s6-ipcserver-access -i r {Show}", "IPCREMOTEEUID=0")]
    [InlineData("a gate of another make behind a gate", Rules, $"s6-connlimit /usr/bin/s6-ipcserver-access -i r s6-connlimit {Show}", "IPCREMOTEEUID=0")]
    [InlineData("unknown option", "", $"s6-ipcserver-access -Z {Show}", "exitcode 100")]
    [InlineData("wrong number", "", $"s6-ipcserver-access -v loud {Show}", "s6-ipcserver-access: usage: ")]
    [InlineData("no program", "", "s6-ipcserver-access -i r", "exitcode 100")]
    [InlineData("empty program", "", "s6-ipcserver-access ''", "exitcode 100")]
    [InlineData("no program behind a limit", "", "s6-connlimit", "exitcode 0")]
    [InlineData("options that a limit hasn't", "", $"s6-connlimit -- {Show}", "uid 0")]
    [InlineData("program missing", "", "s6-connlimit ./missing", "exitcode 127")]
    [InlineData("program missing behind two", "", "s6-connlimit s6-ipcserver-access missing", "s6-ipcserver-access: fatal: unable to exec missing: No such file or directory")]
    [InlineData("program is a directory", "mkdir d", "s6-ipcserver-access ./d", "exitcode 126")]
    [InlineData("program is no program", "echo text >d; chmod +x d", "s6-connlimit ./d", "unable to exec ./d: Exec format error")]
    [InlineData("no interpreter for a script", "put uid/0/allow; cp -r r e; echo cat >e/uid/0/exec; mkdir r/uid/0/env; echo /nowhere >r/uid/0/env/PATH", "s6-ipcserver-access -i r s6-ipcserver-access -i e cat", "unable to exec execlineb")]
    [InlineData("help", "", "s6-ipcserver-access --help", "usage: s6-ipcserver-access")]
    [InlineData("help behind a gate", "", "s6-ipcserver-access s6-connlimit --help", "usage: s6-connlimit")]
    [InlineData("unknown option behind a gate", "", $"s6-connlimit s6-ipcserver-access -Z {Show}", "exitcode 100")]
    [InlineData("no lookups", "", $"s6-ipcserver-access {Show}", "s6-ipcserver-access: fatal: IPCREMOTEEUID not set", "-P")]
    [InlineData("no lookups, limit", "", $"s6-connlimit {Show}", "invalid IPCCONNNUM", "-P")]
    [InlineData("descriptors", Database, "s6-ipcserver-access -i r s6-ipcserver-access -x c ls /proc/self/fd", "0\n1\n")]
    [InlineData("signals", Database, "s6-ipcserver-access -x c showsig", "blocked: ignored:\n")]
    [InlineData("program ends by a signal", "", "s6-connlimit sh -c 'kill -9 $$'", "signal 9")]
    public void The_same_is_seen(string title, string before, string program, string shown, string options = "")
    {
        Assert.NotEmpty(title);
        var setup = new ServerSetup { Before = before, Program = program, Options = "-v " + options };
        Compare(setup, shown);
    }

    [Theory]
    [InlineData("mkdir r; chmod 0 r", "-i r", "exitcode 1")]
    [InlineData("put uid/1000/allow; chmod 0 r/uid/1000", "-i r", "exitcode 111")]
    [InlineData("put uid/1000/allow; chmod 0 r/uid/1000/allow", "-i r", "uid 1000")]
    [InlineData("mkcdb c uid/1000 A; chmod 0 c", "-x c", "exitcode 111")]
    [InlineData("put uid/self/allow", "-i r", "IPCREMOTEEUID=1000")]
    public void The_same_is_seen_without_the_rights_of_root(string before, string rules, string shown) =>
        Compare(new ServerSetup { Before = before, Program = $"s6-ipcserver-access {rules} {Show}", Options = "-v", UserId = OtherUser }, shown);

    private const string EditRules =
        "export C=old D=old; put uid/0/allow; mkdir r/uid/0/env; cd r/uid/0/env; echo 1 >A; echo >B; : >C; printf 'a\\0b' >E; echo ' x ' >F; cd ../../../..";

    private const string PathRule =
        "mkdir x y; for i in 'x first' 'y other'; do set -- $i; printf \"#!/bin/sh\\necho the $2 probe\\n\" >$1/probe; chmod +x $1/probe; done; "
        + "put uid/0/allow; mkdir r/uid/0/env; echo $PWD/y:$PATH >r/uid/0/env/PATH; PATH=$PWD/x:$PATH";

    private static void Compare(ServerSetup setup, string shown)
    {
        string inServer = Observe(setup);
        string asPrograms = Observe(setup with { Options = setup.Options + " -S" });
        Assert.Equal(asPrograms, inServer);
        Assert.Contains(shown, inServer, StringComparison.Ordinal);
    }

    /// <summary>The answers to two clients and the log: first the lines of the server, then those of the gates.</summary>
    private static string Observe(ServerSetup setup)
    {
        using RunningServer server = RunningServer.Start(setup);
        string first = server.Ask();
        AwaitEnds(server, 1);
        string second = server.Run("s6-ipcclient -p client sock s6-ioconnect </dev/null", OtherUser).Output;
        AwaitEnds(server, 2);
        server.Stop();
        ILookup<bool, string> log = server.Log.ToLookup(line => line.StartsWith("s6-ipcserverd: ", StringComparison.Ordinal));
        IEnumerable<string> parts = [first, second, .. log[true], "", .. log[false]];
        string text = string.Join('\n', parts).Replace('\0', '|').Replace(Path.GetDirectoryName(server["log"])!, "DIR", StringComparison.Ordinal);
        return ProcessNumber().Replace(text, " pid PID");
    }

    private static void AwaitEnds(RunningServer server, int connections) =>
        Eventually.Equal(connections, () => server.CountLog("info: end pid") + server.CountLog("unable to spawn"));

    [GeneratedRegex(@" pid \d+\b")]
    private static partial Regex ProcessNumber();
}
