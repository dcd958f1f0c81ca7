using Xunit;

namespace LocalService.Tests.Interop;

/// <summary>Locks of both kinds: no two processes ever hold the same lock at once.</summary>
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

    // Each one takes the lock by executing its command again and again, and releases it by closing all its descriptors.
    private const string Count = """
        #define _GNU_SOURCE
        #include <fcntl.h>
        #include <sched.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <unistd.h>

        /* count TIMES COMMAND...: adds 1 to the number in a file, and executes COMMAND count TIMES-1 COMMAND... */
        int main(int size, char **words)
        {
            char number[16] = "", times[16], **next = malloc((2 * size + 1) * sizeof *next);
            int file = open("number", O_RDWR), place = 0;

            if (read(file, number, sizeof number - 1) <= 0)
                return 1;
            sched_yield();
            int length = snprintf(number, sizeof number, "%d\n", atoi(number) + 1);
            if (pwrite(file, number, length, 0) != length)
                return 1;
            snprintf(times, sizeof times, "%d", atoi(words[1]) - 1);
            if (atoi(times) == 0)
                return 0;
            for (int i = 2; i < size; i++)
                next[place++] = words[i];
            next[place++] = words[0];
            next[place++] = times;
            for (int i = 2; i < size; i++)
                next[place++] = words[i];
            next[place] = NULL;
            for (int i = 3; i < 64; i++)
                close(i);
            execvp(next[0], next);
            return 1;
        }
        """;

    [Fact]
    public void Sixty_four_processes_of_all_kinds_count_to_ten_thousand_without_losing_one() => Script.Expect(
        $"cat >count.c <<'END'\n{Count}\nEND\n" + """
        musl-gcc -O -static -o count count.c
        mkdir d
        serve -c 100 sk s6lockd d
        echo 0 >number
        for ((i = 0; i < 64; i++)); do
            case $((i % 4)) in
                0) lock='s6-setlock d/l' ;;
                1) lock='s6-setlock -o -t 60000 d/l' ;;
                2) lock='/usr/bin/s6-setlock d/l' ;;
                3) lock='s6-lock-acquire sk l' ;;
            esac
            $lock ./count $((156 + (i < 16))) $lock & workers+=($!)
        done
        for worker in "${workers[@]}"; do wait $worker || echo failed; done
        cat number
        """, "10000");
}
