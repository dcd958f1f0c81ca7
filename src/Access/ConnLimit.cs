using System;
using LocalService.CommandLine;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Access;

/// <summary>Limits the simultaneous connections of one client. Specification "access", section 7.</summary>
internal readonly unsafe struct ConnLimit : IGate
{
    public static ReadOnlySpan<byte> Program => "s6-connlimit"u8;
    public static int ManualSection => 8;
    public static ReadOnlySpan<byte> Summary => "refuse a client that has more than ${PROTO}CONNMAX connections"u8;

    public static ReadOnlySpan<byte> Declaration =>
        """
        -m --message=text  a line that a client gets before it is refused
        prog...  the program to execute for a client that is let in, and its arguments
        """u8;

    public static bool MayWait => false;

    public static Words CommandBehind(Words words) => TryRead(words, out Words next, out _, out _) ? next : default;

    public static Outcome Run(Invocation invocation)
    {
        var diagnostics = new Diagnostics(Program, invocation.Messages);
        if (!TryRead(invocation.Words, out Words next, out byte* farewell, out OptionReader options))
            return diagnostics.Usage(options);
        return Farewell.With(invocation, farewell, Decide(diagnostics, invocation, next));
    }

    // Nearly always there is no option, and nothing to be read.
    private static bool TryRead(Words words, out Words next, out byte* farewell, out OptionReader options)
    {
        farewell = null;
        options = default;
        next = words.From(1);
        if (next.Count == 0 || next.Pointer(0)[0] != (byte)'-')
            return true;
        options = new OptionReader(words, Declaration);
        while (options.Next(out _))
            farewell = options.ArgumentPointer;
        next = options.Rest;
        return !options.IsWrong;
    }

    private static Outcome Decide(Diagnostics diagnostics, Invocation invocation, Words next)
    {
        Allocator memory = invocation.Memory;
        EnvironmentBlock environment = invocation.Environment;
        if (!environment.TryGet("PROTO"u8, out ReadOnlySpan<byte> protocol))
            return diagnostics.Fatal(ExitCode.Usage, "PROTO not set"u8);
        if (protocol.IsEmpty)
            return diagnostics.Fatal(ExitCode.Usage, "empty PROTO"u8);
        if (!environment.TryGet(Ucspi.Variable(memory, protocol, "CONNNUM"u8), out ReadOnlySpan<byte> number))
            return diagnostics.Fatal(ExitCode.Usage, protocol, "CONNNUM not set"u8);
        ConnLimitVerdict verdict = environment.TryGet(Ucspi.Variable(memory, protocol, "CONNMAX"u8), out ReadOnlySpan<byte> maximum)
            ? ConnectionLimit.Decide(number, maximum)
            : ConnectionLimit.Decide(number);
        return verdict switch
        {
            ConnLimitVerdict.InvalidNumber => diagnostics.Fatal(ExitCode.Usage, "invalid "u8, protocol, "CONNNUM"u8),
            ConnLimitVerdict.InvalidMaximum => diagnostics.Fatal(ExitCode.Usage, "invalid "u8, protocol, "CONNMAX"u8),
            ConnLimitVerdict.Refuse =>
                diagnostics.Fatal(ExitCode.Refused, "number of connections from this client limited to "u8, maximum),
            _ => next.Count == 0 ? Outcome.Exit(ExitCode.Success) : Exec.Into(next, environment),
        };
    }
}
