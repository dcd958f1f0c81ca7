using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Xunit;

namespace LocalService.Tests.EndToEnd.FrontEnd;

/// <summary>The manual pages: their generation from doc/man and the declarations of the roles, and whether the examples are true.</summary>
public sealed class ManualPageTests
{
    private static readonly string sources = Repository.PathOf("doc", "man");

    /// <summary>The names of the sources.</summary>
    public static TheoryData<string> Pages => [.. Directory.GetFiles(sources).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Examples_print_what_the_page_says(string page)
    {
        bool isDescription = page.EndsWith(".7", StringComparison.Ordinal) || page.EndsWith(".5", StringComparison.Ordinal);
        var examples = Examples(File.ReadAllLines(Path.Combine(sources, page))).ToList();
        Assert.True(isDescription || examples.Count > 0, "there is no example");
        foreach ((bool ownNetwork, string script, string output) in examples)
        {
            if (ownNetwork)
                NetworkScript.Expect("exec 2>&1\n" + script, output);
            else
                Script.Expect("exec 2>&1\n" + script, output);
        }
    }

    [Fact]
    public void Every_role_has_a_page_that_is_well_formed_and_refers_to_pages_that_exist() => Script.Expect(
        $"""
        {Tool} man {ProgramsUnderTest.Executable} {sources} man || exit
        for role in $(localservice --describe | awk '$1 == "role" {"{"} print $3 "." $4 {"}"}'); do
            [ -s man/man${"{"}role##*.{"}"}/$role ] || echo "$role: no page"
        done
        # What refers to another page by .so isn't one itself.
        grep -L '^\.so ' -r man | sort >pages
        xargs mandoc -T lint -W warning <pages
        # A page of ours that a page refers to is there.
        xargs sed -n 's/.*\.*Xr (* *\([^ ]*\) \([1-8]\).*/\1 \2/p' <pages | sort -u | while read -r name section; do
            case $name in
                s6* | local*) [ -e man/man$section/$name.$section ] || echo "$name($section): there is no such page" ;;
                *) ! localservice --list | grep -q "^$name " || echo "$name($section): without s6-" ;;
            esac
        done
        # The other name leads to the same page.
        cd man && mandoc -T utf8 man8/ipcserver.8 | col -b | grep -q '^ *s6-ipcserver ' && echo same
        """, "same\n");

    [Fact]
    public void A_role_without_a_page_is_an_error() => Script.Expect(
        $"""
        cp -r {sources} copy; rm copy/connlimit.8
        {Tool} man {ProgramsUnderTest.Executable} copy man; echo $?
        """, "1\n", "doc/man: these pages are missing: connlimit.8\n");

    [Fact]
    public void Pages_as_HTML_refer_to_each_other() => Script.Expect(
        $"""
        {Tool} html {ProgramsUnderTest.Executable} {sources} html
        grep -c 'href="s6-ipcserverd.8.html"' html/s6-ipcserver.8.html | sed 's/[1-9][0-9]*/yes/'
        """, "yes\n");

    private static string Tool => Repository.PathOf("src", "Packaging", "pages.py");

    // The format is described in src/Packaging/pages.py.
    private static IEnumerable<(bool OwnNetwork, string Script, string Output)> Examples(string[] lines)
    {
        for (int i = 0; i < lines.Length; i++)
        {
            if (!lines[i].StartsWith("@example ", StringComparison.Ordinal))
                continue;
            bool ownNetwork = lines[i].StartsWith("@example net ", StringComparison.Ordinal);
            List<string> script = [], output = [];
            for (i++; lines[i] != "@end"; i++)
            {
                bool isCommand = lines[i].Length > 1 && lines[i][1] == ' ' && "$>%".Contains(lines[i][0], StringComparison.Ordinal);
                (isCommand ? script : output).Add(isCommand ? lines[i][2..] : lines[i]);
            }
            yield return (ownNetwork, string.Join('\n', script), string.Concat(output.Select(line => line + "\n")));
        }
    }
}
