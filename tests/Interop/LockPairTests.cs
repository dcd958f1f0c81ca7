using Xunit;

namespace LocalService.Tests.Interop;

/// <summary>Locks of both kinds: nobody ever has one that another one has.</summary>
public sealed class LockPairTests
{
    [Theory]
    [InlineData("s6-setlock", "/usr/bin/s6-setlock")]
    [InlineData("/usr/bin/s6-setlock", "s6-setlock")]
    [InlineData("s6-setlock -o", "/usr/bin/s6-setlock")]
    [InlineData("/usr/bin/s6-setlock", "s6-setlock -o")]
    public void Locks_of_one_kind_exclude_the_other(string holder, string other) => Script.Expect($$"""
        {{holder}} l sh -c '{{other}} -n l echo exclusive; {{other}} -n -r l echo shared'
        {{holder}} -r l sh -c '{{other}} -n l echo exclusive; {{other}} -n -r l echo shared'
        {{holder}} l {{other}} m echo done
        """, """
        shared
        done
        """, """
        s6-setlock: fatal: unable to lock l: Device or resource busy
        s6-setlock: fatal: unable to lock l: Device or resource busy
        s6-setlock: fatal: unable to lock l: Device or resource busy
        """);

    [Fact]
    public void Sixty_four_processes_of_all_kinds_count_without_losing_one() => Script.Expect("""
        mkdir d
        serve -c 100 sk s6lockd d
        echo 0 >number
        echo 'read -r n <number; echo $((n + 1)) >number' >increment
        count() {
            local i
            for ((i = 0; i < 20; i++)); do
                "$@" sh increment || echo failed
            done
        }
        for ((j = 0; j < 16; j++)); do
            count s6-setlock d/l & workers+=($!)
            count s6-setlock -o -t 60000 d/l & workers+=($!)
            count /usr/bin/s6-setlock d/l & workers+=($!)
            count s6-lock-acquire sk l & workers+=($!)
        done
        wait "${workers[@]}"
        cat number
        """, "1280");
}
