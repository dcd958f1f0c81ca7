using System;
using LocalService.CommandLine;

namespace LocalService.Client;

/// <summary>The command line of ioconnect.</summary>
internal struct IoConnectOptions
{
    // Descriptors 0, 1 and 2 belong to the user.
    private const int LowestRemote = 3;

    /// <summary>The longest time without progress; 0: no limit.</summary>
    internal uint Milliseconds { get; private set; }

    /// <summary>Whether to end as soon as the peer has finished sending.</summary>
    internal bool EndsWithPeer { get; private set; }

    /// <summary>The descriptor that the connection is read from.</summary>
    internal int ReadDescriptor { get; private set; }

    /// <summary>The descriptor that the connection is written to.</summary>
    internal int WriteDescriptor { get; private set; }

    /// <summary>Reads the command line. Words after the options are ignored.</summary>
    internal static IoConnectOptions Read(ref OptionReader reader)
    {
        var options = new IoConnectOptions { ReadDescriptor = Ucspi.ClientRead, WriteDescriptor = Ucspi.ClientWrite };
        while (reader.Next(out char option))
        {
            switch (option)
            {
                case 't': options.Milliseconds = reader.Number(); break;
                case 'e': options.EndsWithPeer = true; break;
                case 'r': options.ReadDescriptor = reader.DescriptorNumber(LowestRemote); break;
                case 'w': options.WriteDescriptor = reader.DescriptorNumber(LowestRemote); break;
            }
        }
        return options;
    }
}
