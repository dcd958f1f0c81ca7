using Xunit;

namespace LocalService.Tests.Interop;

/// <summary>sudo behind a gate, its parts ours or the C programs', in every combination.</summary>
public sealed class SudoPairTests
{
    /// <summary>All combinations of our parts and the C programs'.</summary>
    public static TheoryData<string> Combinations
    {
        get
        {
            var data = new TheoryData<string>();
            foreach (char server in "Co")
            {
                foreach (char gate in "Co")
                {
                    foreach (char sudod in "Co")
                    {
                        foreach (char sudo in "Co")
                            data.Add($"{server}{gate}{sudod}{sudo}");
                    }
                }
            }
            return data;
        }
    }

    [Theory, MemberData(nameof(Combinations))]
    public void A_named_user_runs_one_command_as_root(string letters) => Script.Expect(
        $$"""
        letters={{letters}}
        i=0
        for program in s6-ipcserver s6-ipcserver-access s6-sudod s6-sudo; do
            case ${letters:i:1} in
                C) ln -s "/usr/bin/$program" "$program" ;;
                o) ln -s "$(command -v "$program")" "$program" ;;
            esac
            i=$((i + 1))
        done
        put uid/1000/allow uid/default/deny
        OPEN= KEEP=kept SERVER=./s6-ipcserver serve -a 777 sock ./s6-ipcserver-access -v 0 -i r ./s6-sudod \
            sh -c 'id -u; echo "$0 $1|$OPEN|$KEEP|${NEW-unset}"; cat; echo error >&2; eval "$1"' 2>log
        head -c 300000 /dev/urandom >in
        for end in 'exit 0' 'exit 111' 'exec sh -c "kill -13 \$\$"'; do
            OPEN=1 KEEP=2 NEW=3 as1000 ./s6-sudo sock one "$end" <in >out 2>error
            echo "$? $(head -n 2 out | tr '\n' ' ') $(cat error)"
            tail -n +3 out | cmp - in && echo same
        done
        setpriv --reuid 1002 --regid 1002 --clear-groups ./s6-sudo sock one 'exit 0' <in 2>error
        echo $?
        """,
        """
        0 0 one exit 0|1|kept|unset  error
        same
        111 0 one exit 111|1|kept|unset  error
        same
        141 0 one exec sh -c "kill -13 \$\$"|1|kept|unset  error
        same
        111
        """);
}
