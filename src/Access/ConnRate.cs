using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Access;

/// <summary>Limits how often a client connects. Specification "access", section 7.1.</summary>
internal readonly unsafe struct ConnRate : IGate
{
    private const uint LongestPeriod = 1_000_000;
    private const uint MostConnections = 1_000_000;

    // An IPv6 client with one address has a whole network of them.
    private const int PrefixLengthV6 = 64;

    public static ReadOnlySpan<byte> Program => "s6-connrate"u8;
    public static int ManualSection => 8;
    public static ReadOnlySpan<byte> Summary => "refuse a client that connects too often"u8;

    public static ReadOnlySpan<byte> Declaration =>
        """
        -n --connections=n  maximum number of connections per user id, IPv4 address or 64-bit IPv6 network, at least 1; 10 by default
        -s --seconds=seconds  period of -n in seconds, at least 1; 1 by default
        -m --message=text  a line that a client gets before it is refused
        dir  the directory of the connection times, one file per client
        prog...  the program to execute for a client that is let in, and its arguments
        """u8;

    public static bool MayWait => true;

    public static Words CommandBehind(Words words)
    {
        var reader = new OptionReader(words, Declaration);
        Choices choices = Choices.Read(ref reader);
        return reader.IsWrong ? default : choices.Next;
    }

    public static Outcome Run(Invocation invocation)
    {
        var diagnostics = new Diagnostics(Program, invocation.Messages);
        var reader = new OptionReader(invocation.Words, Declaration);
        Choices choices = Choices.Read(ref reader);
        return reader.IsWrong ? diagnostics.Usage(reader) : Farewell.With(invocation, choices.Message, Decide(diagnostics, invocation, choices));
    }

    private static Outcome Decide(Diagnostics diagnostics, Invocation invocation, in Choices choices)
    {
        EnvironmentBlock environment = invocation.Environment;
        if (!environment.TryGet("PROTO"u8, out ReadOnlySpan<byte> protocol))
            return diagnostics.Fatal(ExitCode.Usage, "PROTO not set"u8);
        var name = new Line(-1, stackalloc byte[RateFile.LongestName]);
        if (environment.TryGet(Ucspi.Variable(invocation.Memory, protocol, "REMOTEEUID"u8), out ReadOnlySpan<byte> value))
        {
            if (!Numbers.TryParse(value, out uint user))
                return diagnostics.Fatal(ExitCode.Usage, "invalid $"u8, protocol, "REMOTEEUID"u8);
            name.Add("uid-"u8);
            name.Add(user);
        }
        else if (environment.TryGet(Ucspi.Variable(invocation.Memory, protocol, "REMOTEIP"u8), out value))
        {
            if (!IpAddressText.TryParse(value, out IpAddress address))
                return diagnostics.Fatal(ExitCode.Usage, "invalid $"u8, protocol, "REMOTEIP"u8);
            address = address.Unmapped;
            name.Add(address.IsV4 ? "ip4-"u8 : "ip6-"u8);
            name.Add(IpAddressText.Format(address.IsV4 ? address : address.Network(PrefixLengthV6), stackalloc byte[IpAddressText.LongestText]));
        }
        else
        {
            return diagnostics.Fatal(ExitCode.Usage, protocol, "REMOTEEUID and "u8, protocol, "REMOTEIP not set"u8);
        }
        int client = name.Text.Length;
        // Gates with different limits that share the directory count separately.
        name.Add("."u8);
        name.Add(choices.Connections);
        name.Add("\0"u8);
        Result<bool> within = new RateFile(choices.Connections, choices.Seconds).TryCount(choices.Directory, name.Text);
        if (within.Failed)
            return diagnostics.Fatal(within.Error, "unable to count the connections of "u8, name.Text[..client], " in "u8, Bytes.OfC(choices.Directory));
        return within.Value
            ? Exec.Into(choices.Next, environment)
            : diagnostics.Fatal(ExitCode.Refused, "connections from this client limited in time: "u8, name.Text[..client]);
    }

    private struct Choices
    {
        internal uint Connections;
        internal uint Seconds;
        internal byte* Message;
        internal byte* Directory;
        internal Words Next;

        internal static Choices Read(ref OptionReader options)
        {
            var choices = new Choices { Connections = 10, Seconds = 1 };
            while (options.Next(out char option))
            {
                switch (option)
                {
                    case 'n': choices.Connections = Number(ref options, MostConnections); break;
                    case 's': choices.Seconds = Number(ref options, LongestPeriod); break;
                    case 'm': choices.Message = options.ArgumentPointer; break;
                }
            }
            choices.Directory = options.OperandPointer();
            choices.Next = options.NamedProgram();
            return choices;
        }

        private static uint Number(ref OptionReader options, uint most)
        {
            uint number = options.Number(least: 1);
            if (number > most)
                options.RejectArgument("number, at most 1000000,"u8);
            return number;
        }
    }
}
