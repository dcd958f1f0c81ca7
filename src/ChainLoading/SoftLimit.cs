using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Posix;

namespace LocalService.ChainLoading;

/// <summary>
/// Changes resource limits, then becomes a program. An option changes its limit at once, so that later options see it; <c>-h</c> and <c>-H</c>
/// apply to the options after them.
/// </summary>
internal readonly struct SoftLimit : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-softlimit"u8;
    public static int ManualSection => 8;
    public static ReadOnlySpan<byte> Summary => "set resource limits, then execute a program"u8;

    public static ReadOnlySpan<byte> Declaration =>
        """
        -H --hard-and-soft  the options that follow set the hard limit too
        | -h --hard  the options that follow set the hard limit, and the soft one only if it is higher
        -a --address-space=allbytes  bytes of address space; for every limit, = means the hard limit
        -c --core=corebytes  bytes of a core file
        -d --data=databytes  bytes of heap and other data
        -e --nice=nice  the highest priority, as 20 minus the nice value: 1 to 40
        -f --file-size=filebytes  bytes of a file that is written
        -i --pending-signals=signals  pending signals of the user
        -l --locked-memory=lockbytes  bytes that are locked in memory
        -m --memory=membytes  bytes of each kind of memory: the same as -d -s -l -a
        -o --open-files=openfiles  open descriptors
        -P --real-time-priority=priority  the highest real-time priority
        -p --processes=processes  processes of the user
        -q --message-queues=queuebytes  bytes in POSIX message queues of the user
        -R --real-time=microseconds  microseconds of real-time scheduling without a pause
        -r --resident=residentbytes  bytes of resident memory; ignored by Linux
        -s --stack=stackbytes  bytes of stack
        -t --cpu-time=cpusecs  seconds of processor time
        -x --locks=locks  file locks and leases; ignored by Linux
        prog...  the program to execute, and its arguments
        """u8;

    public static Outcome Run(Invocation invocation)
    {
        var diagnostics = new Diagnostics(Program);
        var which = LimitKind.Soft;
        var options = new OptionReader(invocation.Words, Declaration);
        while (options.Next(out char option))
        {
            switch (option)
            {
                case 'H': which = LimitKind.Both; break;
                case 'h': which = LimitKind.Hard; break;
                default:
                    Errno error = Set(option, which, ref options);
                    if (error.Failed)
                        return diagnostics.Fatal(error, "unable to setrlimit"u8);
                    break;
            }
        }
        Words program = options.Program();
        return options.IsWrong ? diagnostics.Usage(options) : Exec.Into(program, invocation.Environment);
    }

    private static Errno Set(char option, LimitKind which, ref OptionReader options)
    {
        if (ResourceLimit.TryParse(options.Argument, which, out ResourceLimit limit))
            return limit.Apply(option);
        options.RejectArgument("limit"u8);
        return default;
    }
}
