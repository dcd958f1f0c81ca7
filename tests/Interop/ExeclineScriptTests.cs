using Xunit;

namespace LocalService.Tests.Interop;

/// <summary>Scripts of execline, the language of the toolkit's users: served, as clients, and as the <c>exec</c> of a rule.</summary>
public sealed class ExeclineScriptTests
{
    [Fact]
    public void A_script_is_served() => Script.Expect(
        """
        cat >service <<'END'
        #!/usr/bin/execlineb -P
        multisubstitute
        {
          importas -i uid IPCREMOTEEUID
          importas -i number IPCCONNNUM
        }
        foreground { echo user $uid connection $number }
        cat
        END
        chmod +x service
        serve sock ./service
        echo text | as1000 s6-ipcclient sock s6-ioconnect
        """,
        """
        user 1000 connection 1
        text
        """);

    [Fact]
    public void A_script_is_the_whole_chain() => Script.Expect(
        """
        put uid/0/allow
        cat >run <<'END'
        #!/usr/bin/execlineb -P
        s6-ipcserver -1 -c 10 -- sock
        s6-ipcserver-access -v 0 -i r
        s6-connlimit
        cat
        END
        chmod +x run
        SERVER=./run serve
        cat >client <<'END'
        #!/usr/bin/execlineb -P
        s6-ipcclient sock
        foreground { fdmove 1 7 echo text }
        fdmove 0 6
        redirfd -w 2 /dev/null
        head -n 1
        END
        chmod +x client
        ./client
        """,
        "text");

    [Theory]
    [InlineData("-i r")]
    [InlineData("-x c")]
    public void A_rule_runs_a_script_instead_of_the_program(string rules) => Script.Expect(
        $$"""
        put uid/1000/allow uid/default/allow
        mkdir r/uid/1000/env
        echo from the rule >r/uid/1000/env/WORD
        cat >r/uid/1000/exec <<'END'
        importas -i word WORD
        importas -i path IPCLOCALPATH
        foreground { echo $word $path $1 $# ${word} }
        sed s/^/you:/
        END
        s6-accessrules-cdb-from-fs -m 644 c r
        serve sock s6-ipcserver-access -v 0 {{rules}} echo program
        echo text | as1000 s6-ipcclient sock s6-ioconnect
        s6-ipcclient sock s6-ioconnect
        """,
        """
        from the rule sock $1 $# from the rule
        you:text
        program
        """);

    [Fact]
    public void A_script_with_a_mistake_ends_with_the_message_of_the_interpreter() => Script.Expect(
        """
        put uid/0/allow
        echo 'foreground {' >r/uid/0/exec
        U=0 acc -v 0 -E -i r echo program 2>error
        echo "exit code $?"
        cut -d : -f 1,2 error
        """,
        """
        exit code 100
        execlineb: fatal
        """);
}
