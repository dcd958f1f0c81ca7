using Xunit;

namespace LocalService.Tests.EndToEnd.Native;

/// <summary>
/// The programs that a front end itself adds to its chain are roles of the same executable, for any PATH and any way to call the front end. The tests
/// use a PATH with other programs of the same names first, and one with none at all. Each of these would take the wrong ids, or none.
/// </summary>
public sealed class OwnChainTests
{
    // The prefix that sets PATH for the program. The scripts call all other programs by their paths.
    private static readonly string[] searchPaths =
    [
        "env PATH=$PWD/foreign:/usr/bin:/bin", // programs that must not run, then the C programs
        "env PATH=/usr/bin:/bin", // the C programs
        "env PATH=",
        "env -u PATH",
        "env PATH=/nonexistent",
    ];

    // How the front end is called; ROLE stands for its name.
    private static readonly string[] calls = ["$PWD/opt/s6-ROLE", "$PWD/opt/localservice ROLE", "$PWD/opt/localservice s6-ROLE", "opt/ROLE", "$PWD/opt/anything s6-ROLE"];

    /// <summary>Every way to call a front end with every PATH.</summary>
    public static TheoryData<string, string> Ways()
    {
        var ways = new TheoryData<string, string>();
        foreach (string searchPath in searchPaths)
        {
            foreach (string call in calls)
                ways.Add(searchPath, call);
        }
        return ways;
    }

    [Theory, MemberData(nameof(Ways))]
    public void The_server_drops_its_groups_and_its_daemon_is_of_this_file(string searchPath, string call) => Check(
        $"""
        {Call(searchPath, call, "ipcserver")} -1 -u 1000 -g 1000 -j 2 sock /bin/sh -c '/usr/bin/id -u; /usr/bin/id -G' >ready & s=$!
        {Ready}
        opt/s6-ipcclient sock opt/s6-ioconnect </dev/null
        """,
        "localservice\n1000\n1000\n1000\n");

    [Theory, MemberData(nameof(Ways))]
    public void The_holder_drops_its_groups_and_its_daemon_is_of_this_file(string searchPath, string call) => Check(
        $"""
        mkdir -p r/uid/0/env; touch r/uid/0/allow
        {Call(searchPath, call, "fdholder-daemon")} -1 -u 1000 -g 1000 -i r sock >ready & s=$!
        {Ready}
        """,
        "localservice\n1000\n");

    [Theory, MemberData(nameof(Ways))]
    public void Sudo_and_its_client_are_of_this_file(string searchPath, string call) => Check(
        $"""
        opt/s6-ipcserver -1 sock opt/s6-sudod /bin/sh -c 'exit 3' >ready & s=$!
        {Ready}
        strace -o trace -f -e trace=execve {Call(searchPath, call, "sudo")} sock; echo $?
        grep -v '= -1' trace | grep -c 'execve("[^"]*ipcclient\|execve("[^"]*sudoc'
        """,
        "localservice\n\n3\n0\n");

    [Fact]
    public void What_the_user_names_is_searched_for_as_always() => Check(
        """
        PROTO=IPC IPCREMOTEEUID=0 IPCREMOTEEGID=0 PATH=$PWD/foreign opt/s6-ipcserver-access -v 0 -E s6-connlimit true
        """,
        "foreign s6-connlimit true\n");

    [Fact]
    public void Without_proc_a_relative_path_at_start_still_leads_to_this_file() => Check(
        """
        # The link is executed by its relative path; the word that follows is one of the user, and PATH leads to this file.
        unshare -m sh -c 'mount -t tmpfs none /proc && cd opt && PROTO=IPC IPCCONNNUM=1 PATH=$PWD exec ./s6-connlimit s6-ipcclient nope true'
        """,
        "",
        "s6-ipcclient: fatal: unable to connect to nope: No such file or directory\n");

    // Prints the executable and the groups of the process that the front end has become.
    private static string Ready =>
        """
        until [ -s ready ] || ! kill -0 $s; do sleep .01; done
        readlink /proc/$s/exe | sed 's,.*/,,'
        sed -n 's/^Groups:[[:space:]]*\([0-9 ]*[0-9]\).*/\1/p; s/^Groups:[[:space:]]*$//p' /proc/$s/status
        """;

    private static string Call(string searchPath, string call, string role) =>
        $"/usr/bin/setpriv --groups 4,20 /usr/bin/{searchPath} {call.Replace("ROLE", role, System.StringComparison.Ordinal)}";

    private static void Check(string script, string output, string error = "")
    {
        string setUp =
            """
            # Few processes: this is done for every way.
            mkdir opt foreign
            localservice --install opt
            for role in $(opt/localservice --list | sed 's/ .*//'); do
                for name in s6-$role $role; do printf '#!/bin/sh\necho foreign s6-%s "$@"\n' $role >foreign/$name; done
            done
            ln -s localservice opt/sudo
            ln -s localservice opt/anything
            chmod -R a+rx opt foreign
            trap 'kill $s 2>/dev/null' EXIT
            """;
        ProcessResult result = BashCase.Run(ProgramsUnderTest.Ours, (setUp + "\n" + script).ReplaceLineEndings("\n"));
        Assert.Equal((output, error), (result.Output, result.Error));
    }
}
