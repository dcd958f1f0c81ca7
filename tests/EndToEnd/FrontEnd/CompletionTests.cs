using System.Linq;
using Xunit;

namespace LocalService.Tests.EndToEnd.FrontEnd;

/// <summary>The completions, in their shells.</summary>
public sealed class CompletionTests
{
    // A line, and the completion of its last word, which is the only candidate.
    private static readonly (string Line, string Word)[] cases =
    [
        ("localservice ipcc", "ipcclient"),
        ("localservice --li", "--list"),
        ("s6-ipcclient --ti", "--timeout"),
        ("ipcclient --ti", "--timeout"),
        ("localservice ipcclient --ti", "--timeout"),
        ("localservice s6-ipcclient --ti", "--timeout"),
        ("s6lockd ru", "rules"),
        ("ipcclient sock-", "sock-et"),
        ("ipcclient -t 5 sock-", "sock-et"),
        ("ipcclient -vt 5 sock-", "sock-et"),
        ("ipcclient --timeout 5 -- sock-", "sock-et"),
        ("ipcserver-access -i ru", "rules"),
        ("ipcserver-access --rules-directory=ru", "rules"),
        ("ipcserver -u daemo", "daemon"),
        ("ipcserver -u root sock-et s6-ipcserver-ac", "s6-ipcserver-access"),
        ("ipcserver -u root sock-et s6-ipcserver-access --rules-d", "--rules-directory"),
        ("ipcserver sock-et s6-ipcserver-access -i rules s6-connl", "s6-connlimit"),
        ("ipcserver sock-et s6-ipcserver-access -i rules cat sock-", "sock-et"),
        ("localservice ipcserver sock-et chmod --refe", "--reference"),
    ];

    private static string Lines => string.Join(' ', cases.Select(entry => $"'{entry.Line}'"));

    private static string Expected => string.Concat(cases.Select(entry => entry.Word + "\n"));

    [Fact]
    public void Bash() => Expect(
        """
        cat >ask.bash <<'END'
        source /usr/share/bash-completion/bash_completion
        # The loader of bash-completion finds the files by the names of the commands.
        BASH_COMPLETION_USER_DIR=$PWD/user
        for line; do
            # shellcheck disable=SC2206 # words
            COMP_WORDS=($line) COMP_LINE=$line COMP_POINT=${#line} COMPREPLY=()
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            __load_completion "${COMP_WORDS[0]}"
            # It isn't called by the shell, which says that options of completions can't be set.
            _localservice 2>/dev/null
            printf '%s\n' "${COMPREPLY[@]}" | sort -u
        done
        END
        mkdir -p user && ln -s "$PWD/completions/bash" user/completions
        bash --norc ask.bash "$@"
        """);

    [Fact]
    public void Zsh() => Expect(
        """
        zsh -f "$(command -v complete.zsh)" "$PWD/completions/zsh" "$@" | sed 's/ $//; s/.* //'
        """);

    [Fact]
    public void Fish() => Expect(
        """
        cat >ask.fish <<'END'
        # What fish adds to the names of programs, with apropos(1).
        function __fish_describe_command; end
        set -p fish_complete_path $PWD/completions/fish
        for line in $argv
            complete -C $line | string replace -r '\t.*' ''
        end
        END
        HOME=$PWD fish ask.fish "$@"
        """);

    // Shells differ in three points: whether a directory gets a slash, whether a long option gets an equals sign, and whether the option in front of
    // a value is repeated.
    private static void Expect(string ask) => Script.Expect(
        $$"""
        {{Repository.PathOf("src", "Packaging", "pages.py")}} completions {{ProgramsUnderTest.Executable}} completions || exit
        mkdir rules; touch sock-et
        ask() {
        {{ask}}
        }
        ask {{Lines}} | sed 's/^--rules-directory=\(.\)/\1/; s/[=/]$//'
        """, Expected);
}
