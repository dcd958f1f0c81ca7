using Xunit;

namespace LocalService.Tests.Interop;

/// <summary>One service whose parts are ours or the C programs', in every combination.</summary>
public sealed class PairTests
{
    /// <summary>All combinations of our parts and the C programs'.</summary>
    public static TheoryData<string> Combinations
    {
        get
        {
            var data = new TheoryData<string>();
            for (int parts = 0; parts < 1 << 5; parts++)
            {
                char[] letters = new char[5];
                for (int i = 0; i < letters.Length; i++)
                    letters[i] = (parts >> i & 1) == 0 ? 'C' : 'o';
                data.Add(new string(letters));
            }
            return data;
        }
    }

    [Theory, MemberData(nameof(Combinations))]
    public void A_service_with_gate_limit_and_client(string letters) => Script.Expect(
        $$"""
        letters={{letters}}
        i=0
        for program in s6-ipcserver s6-ipcserver-access s6-connlimit s6-ipcclient s6-ioconnect; do
            case ${letters:i:1} in
                C) ln -s "/usr/bin/$program" "$program" ;;
                o) ln -s "$(command -v "$program")" "$program" ;;
            esac
            i=$((i + 1))
        done
        put uid/1000/allow gid/1001/allow
        mkdir r/uid/1000/env r/gid/1001/env
        echo 1 | tee r/uid/1000/env/IPCCONNMAX >r/gid/1001/env/IPCCONNMAX
        echo 'cat' >r/gid/1001/exec
        SERVER=./s6-ipcserver serve -a 777 sock ./s6-ipcserver-access -v 2 -i r ./s6-connlimit \
            sh -c 'echo "$PROTO $IPCREMOTEEUID $IPCREMOTEEGID $IPCREMOTEPATH $IPCLOCALPATH $IPCCONNNUM $IPCCONNMAX"; cat' 2>log
        mkfifo hold
        as1000 ./s6-ipcclient -p me -l here sock sh -c 'echo "$PROTO $IPCLOCALPATH"; exec ./s6-ioconnect' <hold >first &
        exec 5>hold
        until_true test -s first
        until_true grep -q sock first
        as1000 ./s6-ipcclient sock ./s6-ioconnect
        echo first >&5
        exec 5>&-
        wait $!
        cat first
        head -c 300000 /dev/urandom >in
        setpriv --reuid 1002 --regid 1001 --clear-groups ./s6-ipcclient sock ./s6-ioconnect <in >out
        cmp in out && echo same
        setpriv --reuid 1002 --regid 1002 --clear-groups ./s6-ipcclient sock ./s6-ioconnect
        # The server and its children write to the log independently.
        until_true sh -c '[ $(wc -l <log) = 5 ]'
        sort -k 2,3 -k 6 log
        """,
        """
        IPC here
        IPC 1000 1000 me sock 1 1
        first
        same
        s6-connlimit: fatal: number of connections from this client limited to 1
        s6-ipcserver-access: info: allow pid PID uid 1000 gid 1000
        s6-ipcserver-access: info: allow pid PID uid 1000 gid 1000
        s6-ipcserver-access: info: allow pid PID uid 1002 gid 1001
        s6-ipcserver-access: info: deny pid PID uid 1002 gid 1002: No such file or directory
        """);
}
