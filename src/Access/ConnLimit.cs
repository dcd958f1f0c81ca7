using System;
using LocalService.CommandLine;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Access;

/// <summary>Limits the simultaneous connections of one client, of a group, and of all. Specification "access", section 7.</summary>
internal readonly unsafe struct ConnLimit : IGate
{
    public static ReadOnlySpan<byte> Program => "s6-connlimit"u8;
    public static int ManualSection => 8;
    public static ReadOnlySpan<byte> Summary => "refuse a client that has more than ${PROTO}CONNMAX connections"u8;

    public static ReadOnlySpan<byte> Declaration =>
        """
        -g --group=n  maximum number of connections of all clients with this client's group id; ${PROTO}CONNMAXGROUP overrides it
        -t --total=n  maximum number of connections of all clients; ${PROTO}CONNMAXTOTAL overrides it
        -m --message=text  a line that a client gets before it is refused
        prog...  the program to execute for a client that is let in, and its arguments
        """u8;

    public static bool MayWait => false;

    public static Words CommandBehind(Words words) => TryRead(words, out Choices choices, out _) ? choices.Next : default;

    public static Outcome Run(Invocation invocation)
    {
        var diagnostics = new Diagnostics(Program, invocation.Messages);
        if (!TryRead(invocation.Words, out Choices choices, out OptionReader options))
            return diagnostics.Usage(options);
        return Farewell.With(invocation, choices.Message, Decide(diagnostics, invocation, choices));
    }

    /// <summary>The options as C strings, null for an option that isn't given.</summary>
    private struct Choices
    {
        internal CString Group;
        internal CString Total;
        internal CString Message;
        internal Words Next;
    }

    // There is usually no option, and so nothing to parse.
    private static bool TryRead(Words words, out Choices choices, out OptionReader options)
    {
        options = default;
        choices = new Choices { Next = words.From(1) };
        if (choices.Next.Count == 0 || choices.Next.Pointer(0)[0] != (byte)'-')
            return true;
        options = new OptionReader(words, Declaration);
        while (options.Next(out char option))
        {
            if (option != 'm')
                _ = options.Number();
            switch (option)
            {
                case 'g': choices.Group = options.ArgumentPointer; break;
                case 't': choices.Total = options.ArgumentPointer; break;
                case 'm': choices.Message = options.ArgumentPointer; break;
            }
        }
        choices.Next = options.Rest;
        return !options.IsWrong;
    }

    private static Outcome Decide(Diagnostics diagnostics, Invocation invocation, in Choices choices)
    {
        if (!invocation.Environment.TryGet("PROTO"u8, out ReadOnlySpan<byte> protocol))
            return diagnostics.Fatal(ExitCode.Usage, "PROTO not set"u8);
        if (protocol.IsEmpty)
            return diagnostics.Fatal(ExitCode.Usage, "empty PROTO"u8);
        if (!choices.Group.IsNull && protocol.SequenceEqual("TCP"u8))
            return diagnostics.Fatal(ExitCode.Usage, "clients of TCP have no group, so there is no -g"u8);
        Outcome outcome = Limit(diagnostics, invocation, protocol, "CONNNUM"u8, "CONNMAX"u8, null, " from this client limited to "u8);
        if (outcome.Code == ExitCode.Success && !choices.Group.IsNull)
            outcome = Limit(diagnostics, invocation, protocol, "CONNGROUP"u8, "CONNMAXGROUP"u8, choices.Group, " from this group limited to "u8);
        if (outcome.Code == ExitCode.Success && !choices.Total.IsNull)
            outcome = Limit(diagnostics, invocation, protocol, "CONNTOTAL"u8, "CONNMAXTOTAL"u8, choices.Total, " limited to "u8);
        return outcome.Code != ExitCode.Success || choices.Next.Count == 0 ? outcome : Exec.Into(choices.Next, invocation.Environment);
    }

    /// <summary>Compares a number of connections with its limit: success, a refusal, or an error in one of the two values.</summary>
    /// <param name="diagnostics">The messages of the gate.</param>
    /// <param name="invocation">The invocation of the gate.</param>
    /// <param name="protocol">The prefix of the variables' names.</param>
    /// <param name="count">The rest of the name of the variable with the number, which must be set.</param>
    /// <param name="limit">The rest of the name of the variable with the limit.</param>
    /// <param name="usual">The limit if that variable isn't set; null: none.</param>
    /// <param name="limited">The text between "number of connections" and the limit in the message of a refusal.</param>
    private static Outcome Limit(
        Diagnostics diagnostics, Invocation invocation, ReadOnlySpan<byte> protocol, ReadOnlySpan<byte> count, ReadOnlySpan<byte> limit, byte* usual,
        ReadOnlySpan<byte> limited)
    {
        Allocator memory = invocation.Memory;
        EnvironmentBlock environment = invocation.Environment;
        if (!environment.TryGet(Ucspi.Variable(memory, protocol, count), out ReadOnlySpan<byte> number))
            return diagnostics.Fatal(ExitCode.Usage, protocol, count, " not set"u8);
        bool isLimited = environment.TryGet(Ucspi.Variable(memory, protocol, limit), out ReadOnlySpan<byte> maximum);
        if (!isLimited && usual != null)
        {
            isLimited = true;
            maximum = Bytes.OfC(usual);
        }
        return (isLimited ? ConnectionLimit.Decide(number, maximum) : ConnectionLimit.Decide(number)) switch
        {
            ConnLimitVerdict.InvalidNumber => diagnostics.Fatal(ExitCode.Usage, "invalid "u8, protocol, count),
            ConnLimitVerdict.InvalidMaximum => diagnostics.Fatal(ExitCode.Usage, "invalid "u8, protocol, limit),
            ConnLimitVerdict.Refuse => diagnostics.Fatal(ExitCode.Refused, "number of connections"u8, limited, maximum),
            _ => Outcome.Exit(ExitCode.Success),
        };
    }
}
