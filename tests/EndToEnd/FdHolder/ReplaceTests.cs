using Xunit;

namespace LocalService.Tests.EndToEnd.FdHolder;

/// <summary>A descriptor that replaces another one atomically.</summary>
public sealed class ReplaceTests
{
    [Fact]
    public void What_is_held_gives_way_with_its_date_and_others_stay() => Script.Expect(
        """
        hold -n 2
        echo old >old; echo new >new; echo other >other
        s6-fdholder-store -T 100000 sk name <old; s6-fdholder-store sk other <other
        s6-fdholder-replace sk name <new; echo $?
        s6-fdholder-retrieve sk name cat; s6-fdholder-retrieve sk other cat; s6-fdholder-list sk | sort
        s6-fdholder-replace sk third <new; echo $?
        s6-fdholder-delete sk other; s6-fdholder-replace sk third <new; echo $?
        s6-fdholder-retrieve -D sk third cat
        s6-fdholder-replace -T 50 sk name <new
        gone() { [ -z "$(s6-fdholder-list sk)" ]; }
        until_true gone
        ls -l /proc/$server/fd 2>/dev/null | grep -c "$PWD/"
        kill $server
        """,
        """
        0
        new
        other
        name
        other
        1
        0
        new
        0
        """,
        "s6-fdholder-replace: fatal: unable to replace fd: Too many open files in system");

    [Fact]
    public void It_needs_the_right_to_store_and_a_name() => Script.Expect(
        """
        grant uid/0 STORE_REGEX='^a' RETRIEVE_REGEX=. LIST=1
        hold; echo x >f
        s6-fdholder-replace sk a <f; s6-fdholder-replace sk b <f; echo $?; s6-fdholder-list sk
        kill $server
        """,
        """
        1
        a
        """,
        "s6-fdholder-replace: fatal: unable to replace fd: Operation not permitted");

    [Fact]
    public void Nobody_ever_finds_the_name_empty() => Script.Expect(
        """
        hold; echo x >f; s6-fdholder-store sk name <f
        (for i in {1..100}; do s6-fdholder-replace sk name <f || echo failed; done) & replacing=$!
        while kill -0 $replacing 2>/dev/null; do s6-fdholder-retrieve sk name true || echo missing; done
        s6-fdholder-retrieve sk name cat; kill $server
        """,
        "x");
}
