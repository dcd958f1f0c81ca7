using System.Linq;
using System.Xml.Linq;
using Xunit;

namespace LocalService.Tests.EndToEnd.FrontEnd;

/// <summary>The executable under its own name: its own options, and how it finds the requested role.</summary>
public sealed class MulticallTests
{
    private const string Usage = "--list | --describe | --help | --version | --install [ --replace ] [ --short=no ] [ --only=ROLE,... ] DIR | ROLE args...";

    [Fact]
    public void List_names_every_role_with_a_summary() => Script.Expect(
        """
        localservice --list | grep -vE '^[a-z0-9-]+  +[a-z].*[^. ]$'
        localservice --list | cut -d ' ' -f 1 | grep -cxE 'ipcserver|ipcclient|connlimit'
        """,
        "3");

    [Fact]
    public void Every_role_is_found_by_all_its_names() => Script.Expect(
        """
        for role in $(localservice --list | cut -d ' ' -f 1); do
            summary=$(localservice --list | sed -n "s/^$role  *//p")
            program=$(localservice --describe | awk -F '\t' -v role="$role" '$1 == "role" && $2 == role { print $3 }')
            for start in "$role" "$program" "localservice $role" "localservice $program"; do
                $start --help >help || echo "$start: $?"
                head -n 1 help | grep -qE "^usage: $program( |$)" && sed -n 2p help | grep -qxF "$summary" || cat help
            done
        done
        """,
        "");

    [Fact]
    public void Help_after_other_words_belongs_to_the_role() => Script.Expect(
        """
        ipcclient -v --help 2>/dev/null || echo $?
        PROTO=IPC IPCCONNNUM=1 connlimit printf '%s\n' --help
        """,
        """
        100
        --help
        """);

    [Fact]
    public void Version_is_that_of_the_project_with_what_it_was_made_from() => Script.Expect(
        """
        localservice --version | sed -E 's/commit ([0-9a-f]{12}(-dirty)?|unknown),/commit COMMIT,/; s/(x86-64|arm64)/ARCHITECTURE/'
        """,
        $"localservice {Declared("Directory.Build.props", "Version")} (commit COMMIT, ARCHITECTURE, ILC {Declared("src/CoreLib/Native.targets", "IlcVersion")})");

    // The value of a property in a build file.
    private static string Declared(string file, string property) =>
        XDocument.Load(Repository.PathOf(file)).Descendants(property).Single().Value;

    [Theory]
    [InlineData("s6-ipcsever", "s6-ipcserver")]
    [InlineData("ipcsrever", "ipcserver")]
    [InlineData("conlimit", "connlimit")]
    [InlineData("ioconect", "ioconnect")]
    [InlineData("s6-ipc-client", "s6-ipcclient")]
    [InlineData("apply-uidgid", "applyuidgid")]
    public void An_unknown_role_is_answered_with_the_closest(string given, string meant) => Script.Expect(
        $"""
        localservice {given} some words || echo $?
        ln -s "$(command -v localservice)" {given}
        ./{given} || echo $?
        """,
        """
        100
        100
        """,
        $"""
        localservice: fatal: unknown role: {given}; did you mean {meant}?
        localservice: fatal: unknown role: {given}; did you mean {meant}?
        """);

    [Fact]
    public void What_resembles_no_role_gets_the_way_to_the_list() => Script.Expect(
        """
        localservice frobnicate || echo $?
        """,
        "100",
        "localservice: fatal: unknown role: frobnicate; see localservice --list");

    [Theory]
    [InlineData("")]
    [InlineData("--frobnicate")]
    [InlineData("-l")]
    [InlineData("--list more")]
    [InlineData("--describe more")]
    [InlineData("--version more")]
    [InlineData("--install")]
    [InlineData("--install --replace")]
    [InlineData("--install one two")]
    [InlineData("--install ''")]
    [InlineData("--install --help")]
    [InlineData("--install --short=maybe one")]
    [InlineData("--install --only= one")]
    [InlineData("--install --only=connlimit")]
    [InlineData("--install one --replace")]
    public void Anything_else_is_a_usage_error(string words) => Script.Expect(
        $"""
        localservice {words} || echo $?
        ls -A
        """,
        "100",
        $"localservice: usage: localservice {Usage}");

    [Theory]
    [InlineData("--list")]
    [InlineData("--describe")]
    [InlineData("--help")]
    [InlineData("--version")]
    [InlineData("ipcclient --help")]
    public void What_cannot_be_printed_is_an_error(string words) => Script.Expect(
        $"localservice {words} >/dev/full || echo $?",
        "111",
        "localservice: fatal: unable to write to standard output: No space left on device");

    [Fact]
    public void A_renamed_executable_still_plays_every_role() => Script.Expect(
        """
        cp "$(command -v localservice)" localservice-next
        ./localservice-next --version | cut -d ' ' -f 1
        ./localservice-next ipcclient --help | head -n 1 | cut -d ' ' -f 1-2
        PROTO=IPC IPCCONNNUM=1 ./localservice-next connlimit echo run
        """,
        """
        localservice
        usage: s6-ipcclient
        run
        """);
}
