using System;
using LocalService.CommandLine;

namespace LocalService.Client;

/// <summary>The command line of ioconnect.</summary>
internal struct IoConnectOptions
{
    // 0, 1 and 2 are the user's.
    private const int LowestRemote = 3;

    /// <summary>The longest time without progress; 0: no limit.</summary>
    internal uint Milliseconds { get; private set; }

    /// <summary>The descriptor that the connection is read from.</summary>
    internal int Read { get; private set; }

    /// <summary>The descriptor that the connection is written to.</summary>
    internal int Write { get; private set; }

    /// <summary>Reads the command line; false when it is wrong. Words after the options are ignored.</summary>
    internal static bool TryParse(Words words, out IoConnectOptions options)
    {
        options = new IoConnectOptions { Read = Ucspi.ClientRead, Write = Ucspi.ClientWrite };
        // The digits once had a meaning and are still accepted.
        var parser = new OptionParser(words, "0167t:r:w:"u8);
        byte letter;
        while ((letter = parser.Next()) != OptionParser.End)
        {
            if (!options.Apply(letter, parser.Argument))
                return false;
        }
        return true;
    }

    private bool Apply(byte letter, ReadOnlySpan<byte> argument)
    {
        int number;
        switch (letter)
        {
            case (byte)'0' or (byte)'1' or (byte)'6' or (byte)'7':
                return true;
            case (byte)'t':
                bool isNumber = Numbers.TryParse(argument, out uint milliseconds);
                Milliseconds = milliseconds;
                return isNumber;
            case (byte)'r':
                bool isReadable = Numbers.TryParseSigned(argument, out number);
                Read = number;
                return isReadable && number >= LowestRemote;
            case (byte)'w':
                bool isWritable = Numbers.TryParseSigned(argument, out number);
                Write = number;
                return isWritable && number >= LowestRemote;
            default:
                return false;
        }
    }
}
