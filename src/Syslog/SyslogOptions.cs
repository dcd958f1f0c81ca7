using System;
using LocalService.Accounts;
using LocalService.CommandLine;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Syslog;

/// <summary>The options of the syslog daemons. Specification "syslog", section 3, with decision 32.</summary>
internal unsafe struct SyslogOptions
{
    /// <summary>The most words that <see cref="AddTo"/> adds.</summary>
    internal const int MostWords = 25 + 2 * LogSockets.Most;

    private const uint ShortestLine = 76;
    private const uint LongestLine = 1024 * 1024;
    private const uint DefaultLine = 1024;
    private const uint DefaultStreams = 256;

    private const ushort Port = 514;

    private int* descriptors;
    private int descriptorCount;

    /// <summary>The settings that don't concern sockets.</summary>
    internal LogSettings Settings;

    /// <summary>Whether a service manager has opened sockets: <see cref="ServiceManager"/>.</summary>
    internal bool TakesSockets;

    /// <summary>The ids to take.</summary>
    internal PrivilegeOptions Privileges;

    /// <summary>Where to bind a datagram socket, or null.</summary>
    internal CString DatagramPath;

    /// <summary>Where to bind a stream socket, or null.</summary>
    internal CString StreamPath;

    /// <summary>The UDP address to bind, or null; and the same as text.</summary>
    internal SocketAddress? Address;
    internal CString AddressText;

    /// <summary>The sockets that are open already, as descriptors.</summary>
    internal readonly Span<int> Descriptors => new(descriptors, descriptorCount);

    /// <summary>Reads all options of a command line.</summary>
    /// <param name="options">The command line.</param>
    /// <param name="takesAllKinds">Whether it is s6-syslogd, which may be asked for several sockets; otherwise the last one counts.</param>
    internal static SyslogOptions Read(ref OptionReader options, bool takesAllKinds)
    {
        var result = new SyslogOptions { descriptors = (int*)Arena.Allocate(LogSockets.Most * sizeof(int)) };
        result.Settings.Format.LongestMessage = (int)DefaultLine;
        result.Settings.MostStreams = DefaultStreams;
        result.Settings.TakesAllKinds = takesAllKinds;
        while (options.Next(out char option))
        {
            if (option is 'x' or 's' or 'i' or 'f')
                result.TakeSocket(option, ref options);
            else
                result.Take(option, ref options);
        }
        bool hasDefault = result.descriptorCount == 0 && !result.TakesSockets && result.DatagramPath.IsNull && (takesAllKinds || result.AddressText.IsNull);
        if (hasDefault)
            result.DatagramPath = Arena.CString("/dev/log"u8);
        return result;
    }

    /// <summary>Adds a socket that is open.</summary>
    /// <returns>False when there are too many.</returns>
    internal bool TryAdd(int descriptor)
    {
        if (descriptorCount == LogSockets.Most)
            return false;
        descriptors[descriptorCount++] = descriptor;
        return true;
    }

    /// <summary>Adds the options, except the ids, to the command line of the same role.</summary>
    internal readonly void AddTo(ref WordList words)
    {
        LineFormat format = Settings.Format;
        if (Settings.NotificationDescriptor > 0)
            words.Add("-d"u8, (ulong)Settings.NotificationDescriptor);
        words.Add("-l"u8, (ulong)format.LongestMessage);
        words.Add("-t"u8, Settings.LameDuckMilliseconds);
        if (Settings.LinesPerSecond > 0)
            words.Add("-C"u8, Settings.LinesPerSecond);
        if (Settings.MostStreams != DefaultStreams)
            words.Add("-n"u8, Settings.MostStreams);
        if (format.Stamps != StampFormat.None)
        {
            words.Add("-T"u8);
            words.Add(format.Stamps == StampFormat.Tai64n ? "tai64n"u8 : "rfc3339"u8);
        }
        AddFlag(ref words, format.KeepsPriority, "-r"u8);
        AddFlag(ref words, format.ShowsCredentials, "-c"u8);
        AddFlag(ref words, format.KeepsControls, "-b"u8);
        AddFlag(ref words, format.SplitsHeader, "-p"u8);
        AddFlag(ref words, Settings.TellsManager, "-N"u8);
        words.Add("-x"u8, DatagramPath);
        words.Add("-s"u8, StreamPath);
        words.Add("-i"u8, AddressText);
        foreach (int descriptor in Descriptors)
            words.Add("-f"u8, (ulong)descriptor);
    }

    private static void AddFlag(ref WordList words, bool isGiven, ReadOnlySpan<byte> option)
    {
        if (isGiven)
            words.Add(option);
    }

    private void TakeSocket(char option, ref OptionReader options)
    {
        if (!Settings.TakesAllKinds && option != 'f')
        {
            DatagramPath = null;
            AddressText = null;
            Address = null;
        }
        switch (option)
        {
            case 'x': DatagramPath = options.ArgumentPointer; break;
            case 's': StreamPath = options.ArgumentPointer; break;
            case 'i':
                AddressText = options.ArgumentPointer;
                if (TryParseAddress(options.Argument, out SocketAddress address))
                    Address = address;
                else
                    options.RejectArgument("address"u8);
                break;
            default:
                int descriptor = options.DescriptorNumber(0);
                if (!options.IsWrong && !TryAdd(descriptor))
                    options.RejectArgument("number of sockets"u8);
                break;
        }
    }

    private void Take(char option, ref OptionReader options)
    {
        switch (option)
        {
            case 'd': Settings.NotificationDescriptor = options.DescriptorNumber(0); break;
            case 'r': Settings.Format.KeepsPriority = true; break;
            case 'l': Settings.Format.LongestMessage = (int)Clamp(options.Number(ShortestLine)); break;
            case 't': Settings.LameDuckMilliseconds = options.Number(); break;
            case 'c': Settings.Format.ShowsCredentials = true; break;
            case 'b': Settings.Format.KeepsControls = true; break;
            case 'C': Settings.LinesPerSecond = options.Number(); break;
            case 'p': Settings.Format.SplitsHeader = true; break;
            case 'n': Settings.MostStreams = options.Number(least: 1); break;
            case 'N': Settings.TellsManager = true; break;
            case 'L': TakesSockets = true; break;
            case 'T':
                if (options.Argument.SequenceEqual("tai64n"u8))
                    Settings.Format.Stamps = StampFormat.Tai64n;
                else if (options.Argument.SequenceEqual("rfc3339"u8))
                    Settings.Format.Stamps = StampFormat.Rfc3339;
                else
                    options.RejectArgument("time format"u8);
                break;
            default: Privileges.Take(option, ref options); break;
        }
    }

    private static uint Clamp(uint length) => length > LongestLine ? LongestLine : length;

    /// <summary>Reads <c>IP</c>, <c>IP_PORT</c>, and what <see cref="SocketAddress.TryParse"/> reads.</summary>
    private static bool TryParseAddress(ReadOnlySpan<byte> text, out SocketAddress address)
    {
        int separator = text.LastIndexOf((byte)'_');
        if (separator < 0 || text.IndexOf((byte)'%') > 0)
            return SocketAddress.TryParse(text, Port, out address);
        bool parsed = IpAddressText.TryParse(text[..separator], out IpAddress ip) & SocketAddress.TryParsePort(text[(separator + 1)..], out ushort port);
        address = SocketAddress.Of(ip, port);
        return parsed;
    }
}
