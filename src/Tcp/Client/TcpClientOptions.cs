using System;
using LocalService.CommandLine;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Tcp.Client;

/// <summary>The command line of tcpclient. Specification "tcp", section 5.</summary>
internal ref struct TcpClientOptions
{
    private const uint StartVerbosity = 1;
    private const uint MillisecondsPerSecond = 1000;
    private const uint LongestSeconds = uint.MaxValue / MillisecondsPerSecond / 2;
    private const uint UsualFirstRound = 2;
    private const uint UsualSecondRound = 58;

    private SocketAddress local;

    internal uint Verbosity { get; private set; }

    /// <summary>Whether IPv4 addresses and whether IPv6 addresses are used.</summary>
    internal bool V4 { get; private set; }
    internal bool V6 { get; private set; }

    /// <summary>Whether data are sent as soon as they are written: TCP_NODELAY, tcp(7).</summary>
    internal bool NoDelay { get; private set; }

    /// <summary>Whether IDENT is asked about the server.</summary>
    internal bool Ident { get; private set; }

    /// <summary>Whether /etc/hosts is looked into first.</summary>
    internal bool UsesHosts { get; private set; }

    /// <summary>Whether nothing is looked up at all.</summary>
    internal bool AsksNothing { get; private set; }

    /// <summary>Whether a short name is looked for in the search list.</summary>
    internal bool Qualifies { get; private set; }

    /// <summary>How long everything may take, in milliseconds; 0: no limit.</summary>
    internal uint Milliseconds { get; private set; }

    /// <summary>How long a connection may take in the first round, in milliseconds.</summary>
    internal uint FirstRound { get; private set; }

    /// <summary>How long it may take in the second round; 0: there is none.</summary>
    internal uint SecondRound { get; private set; }

    /// <summary>Whether this end is bound before it connects, to <see cref="LocalOf"/>.</summary>
    internal bool Binds { get; private set; }

    /// <summary>Whether this end gets a certain port, which only one attempt at a time can have.</summary>
    internal readonly bool HasLocalPort => local.Port != 0;

    /// <summary>Whether the user names this end, <see cref="LocalName"/>.</summary>
    internal bool NamesLocal { get; private set; }

    internal ReadOnlySpan<byte> LocalName { get; private set; }

    /// <summary>The name of the server, or a list of its addresses.</summary>
    internal ReadOnlySpan<byte> Host { get; private set; }

    /// <summary>Whether <see cref="Host"/> is a list.</summary>
    internal bool IsList { get; private set; }

    /// <summary>The addresses of the list; otherwise room for those of the name.</summary>
    internal ServerAddresses Servers { get; private set; }

    internal ushort Port { get; private set; }

    /// <summary>The program that gets the connection.</summary>
    internal Words Command { get; private set; }

    /// <summary>Reads the command line.</summary>
    internal static TcpClientOptions Read(ref OptionReader reader)
    {
        var options = new TcpClientOptions
        {
            Verbosity = StartVerbosity,
            FirstRound = UsualFirstRound * MillisecondsPerSecond,
            SecondRound = UsualSecondRound * MillisecondsPerSecond,
        };
        IpAddress address = default;
        ushort port = 0;
        bool hasAddress = false;
        while (reader.Next(out char option))
        {
            switch (option)
            {
                case 'q': options.Verbosity -= options.Verbosity > 0 ? 1u : 0; break;
                case 'Q': options.Verbosity = StartVerbosity; break;
                case 'v': options.Verbosity++; break;
                case '4': options.V4 = true; break;
                case '6': options.V6 = true; break;
                case 'D': options.NoDelay = true; break;
                case 'd': options.NoDelay = false; break;
                case 'r': options.Ident = true; break;
                case 'R': options.Ident = false; break;
                case 'h': options.UsesHosts = true; break;
                case 'H': options.AsksNothing = true; break;
                case 'n': options.Qualifies = true; break;
                case 'N': options.Qualifies = false; break;
                case 't': options.Milliseconds = Seconds(ref reader, reader.Argument); break;
                case 'T': options.ReadRounds(ref reader); break;
                case 'l':
                    options.NamesLocal = true;
                    options.LocalName = reader.Argument;
                    break;
                case 'i':
                    hasAddress = IpAddressText.TryParseScoped(reader.Argument, out address);
                    if (!hasAddress)
                        reader.RejectArgument("address"u8);
                    break;
                case 'p':
                    if (!SocketAddress.TryParsePort(reader.Argument, out port))
                        reader.RejectArgument("port"u8);
                    break;
            }
        }
        options.ReadOperands(ref reader);
        options.Complete(hasAddress, address, port);
        if (!options.IsList && options.AsksNothing)
            reader.RejectOperand(options.Host, "address"u8);
        return options;
    }

    /// <summary>The address that this end is bound to for a server, depending on the version of the server's address.</summary>
    internal readonly SocketAddress LocalOf(IpAddress server) => local.Address.IsUnspecified && local.Address.IsV4 != server.IsV4
        ? SocketAddress.Of(server.IsV4 ? IpAddress.OfV4(0) : IpAddress.OfV6(0, 0), local.Port)
        : local;

    private void ReadOperands(ref OptionReader reader)
    {
        Host = reader.Operand();
        ReadOnlySpan<byte> name = reader.Operand();
        Command = reader.Program();
        if (!ServicePort.TryParse(name, "tcp"u8, out ushort port))
            reader.RejectOperand(name, "port number"u8);
        Port = port;
    }

    // An address of this end leaves only servers of its version (B9).
    private void Complete(bool hasAddress, IpAddress address, ushort port)
    {
        bool any = V4 == V6;
        V4 = (any || V4) && (!hasAddress || address.IsV4);
        V6 = (any || V6) && (!hasAddress || !address.IsV4);
        Binds = hasAddress || port != 0;
        local = SocketAddress.Of(hasAddress ? address : IpAddress.OfV4(0), port);
        var servers = new ServerAddresses(V4, V6);
        IsList = servers.TryTakeList(Host);
        Servers = servers;
    }

    private void ReadRounds(ref OptionReader reader)
    {
        ReadOnlySpan<byte> text = reader.Argument;
        int plus = text.IndexOf((byte)'+');
        FirstRound = Seconds(ref reader, plus < 0 ? text : text[..plus]);
        SecondRound = plus < 0 ? 0 : Seconds(ref reader, text[(plus + 1)..]);
    }

    private static uint Seconds(ref OptionReader reader, ReadOnlySpan<byte> text)
    {
        if (!Numbers.TryParse(text, out uint seconds))
            reader.RejectArgument("number of seconds"u8);
        return (seconds > LongestSeconds ? LongestSeconds : seconds) * MillisecondsPerSecond;
    }
}
