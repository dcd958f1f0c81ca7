using System.Collections.Generic;
using System.Linq;
using Xunit;

namespace LocalService.Tests.EndToEnd.Kernel;

/// <summary>
/// The roles at work, as bash text with the expected output. <c>$T</c> precedes each program whose system calls are tampered with. Together they use
/// every role that is more than a front end.
/// </summary>
internal static class KernelScenarios
{
    private const string Rules = "put uid/0/allow; mkdir r/uid/0/env; echo hi >r/uid/0/env/GREETING\n";

    private const string ThreeClients = "cl; cl; cl; kill $server; wait $server; echo $?";

    private static readonly Dictionary<string, (string Script, string Output)> all = new()
    {
        ["gate by directory"] = (
            Rules + "serve sock s6-ipcserver-access -v0 -i r sh -c 'echo $GREETING $IPCREMOTEEUID'\n" + ThreeClients, "hi 0\nhi 0\nhi 0\n0\n"),
        ["gate by cdb"] = (
            Rules + "s6-accessrules-cdb-from-fs c r; serve sock s6-ipcserver-access -v0 -x c sh -c 'echo $GREETING $IPCREMOTEEUID'\n" + ThreeClients,
            "hi 0\nhi 0\nhi 0\n0\n"),
        ["gate as a program"] = (
            Rules + "serve -S sock s6-ipcserver-access -v0 -i r sh -c 'echo $GREETING $IPCREMOTEEUID'\n" + ThreeClients, "hi 0\nhi 0\nhi 0\n0\n"),
        ["compilers"] = (
            Rules +
            """
            $T s6-accessrules-cdb-from-fs c r; echo $?
            $T s6-accessrules-fs-from-cdb q c; echo $?
            diff -r r q && echo same
            mkdir e
            for target in q e; do $T s6-accessrules-fs-from-cdb $target c 2>&1; echo $?; done
            ls -A | grep -c :
            """,
            """
            0
            0
            same
            s6-accessrules-fs-from-cdb: fatal: unable to mkdir q: File exists
            111
            s6-accessrules-fs-from-cdb: fatal: unable to mkdir e: File exists
            111
            0

            """),
        ["copy"] = (
            """
            T= serve sock cat
            head -c 1000000 /dev/urandom >in
            cat in | $T s6-ipcclient sock s6-ioconnect | cmp - in; echo ${PIPESTATUS[*]}
            $T s6-ipcclient sock s6-ioconnect <in >out; echo $?; cmp out in
            """,
            "0 0 0\n0\n"),
        ["random"] = ("$T randomip -n 200 | sort -u | wc -l", "200\n"),
        ["chain"] = (
            "export PROTO=IPC IPCCONNNUM=1; $T s6-applyuidgid -u 1000 -g 1000 s6-connlimit s6-applyuidgid sh -c 'id -u; id -G'", "1000\n1000\n"),
        ["log"] = (
            """
            mkfifo log; cat log >text & reader=$!
            serve -v sock s6-connlimit echo hello 2>log
            ended() { [ $(grep -c "end pid" text) = 2 ]; }
            cl; cl; until_true ended; kill $server; wait $server $reader; grep -c info: text
            """,
            "hello\nhello\n12\n"),
        ["threads"] = (
            """
            serve -q -c 100 -C 100 sock sh -c 'sleep .1; echo x' 2>&1
            for i in {1..40}; do cl & clients+=($!); done
            wait ${clients[*]}; [ $(ls /proc/$server/task | wc -l) -gt 1 ] && echo threads; kill $server
            """,
            string.Concat(Enumerable.Repeat("x\n", 40)) + "threads\n"),
        ["holder"] = (
            """
            hold
            echo data >f
            $T s6-fdholder-store sk one <f; $T s6-fdholder-store -T 2000 sk two <f
            $T s6-fdholder-list sk | sort; $T s6-fdholder-retrieve -D sk one cat
            none() { [ -z "$(T= s6-fdholder-list sk)" ]; }
            until_true none; kill $server; wait $server; echo $(($? & 1))
            """,
            "one\ntwo\ndata\n0\n"),
        ["sudo"] = (
            "serve sock s6-sudod sh -c 'cat; echo $0 $1; exit 3' a; echo in | $T s6-sudo sock b; echo $?; kill $server; wait $server; echo $?", "in\na b\n3\n0\n"),
        ["install"] = ("$T localservice --install d 2>&1; echo $?; d/connlimit --help | grep -c ^usage:", "0\n1\n"),
    };

    internal static IEnumerable<string> Names => all.Keys;

    /// <summary>Runs a scenario while strace(1) tampers with it, and expects the same output as without.</summary>
    /// <param name="name">The scenario.</param>
    /// <param name="options">The options of strace.</param>
    internal static void Expect(string name, string options)
    {
        (string script, string output) = all[name];
        // The tracer is a grandchild, so that the process itself is the one that the script starts.
        string prefix = $"T='strace -D -f -qq -o /dev/null {options}'; source functions.bash\n";
        ProcessResult result = BashCase.Run(ProgramsUnderTest.Ours, prefix + script);
        Assert.True(result.Output == output && result.Error.Length == 0, $"{name} with {options}\n$ {script}\n{result.Output}\n{result.Error}");
    }
}
