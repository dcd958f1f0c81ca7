using System;
using LocalService.CommandLine;

namespace LocalService.Client;

/// <summary>The command line of ipcclient.</summary>
internal ref struct IpcClientOptions
{
    private const uint StartVerbosity = 1;

    internal uint Verbosity { get; private set; }

    /// <summary>The longest time to wait for the connection; 0: no limit.</summary>
    internal uint Milliseconds { get; private set; }

    /// <summary>Whether the socket gets a path of its own, <see cref="BindPath"/>.</summary>
    internal bool Binds { get; private set; }

    internal ReadOnlySpan<byte> BindPath { get; private set; }

    /// <summary>Whether the user says what the local path is, <see cref="LocalName"/>.</summary>
    internal bool NamesLocal { get; private set; }

    internal ReadOnlySpan<byte> LocalName { get; private set; }

    /// <summary>Where to connect to.</summary>
    internal ReadOnlySpan<byte> Path { get; private set; }

    /// <summary>The program that gets the connection.</summary>
    internal Words Command { get; private set; }

    /// <summary>Reads the command line; false when it is wrong.</summary>
    internal static bool TryParse(Words words, out IpcClientOptions options)
    {
        options = default;
        options.Verbosity = StartVerbosity;
        var parser = new OptionParser(words, "qQvt:p:l:"u8);
        byte letter;
        while ((letter = parser.Next()) != OptionParser.End)
        {
            if (!options.Apply(letter, parser.Argument))
                return false;
        }
        if (parser.Rest.Count < 2)
            return false;
        options.Path = parser.Rest[0];
        options.Command = parser.Rest.From(1);
        return true;
    }

    private bool Apply(byte letter, ReadOnlySpan<byte> argument)
    {
        switch (letter)
        {
            case (byte)'q':
                Verbosity -= Verbosity > 0 ? 1u : 0;
                return true;
            case (byte)'Q':
                Verbosity = StartVerbosity;
                return true;
            case (byte)'v':
                Verbosity++;
                return true;
            case (byte)'t':
                bool isNumber = Numbers.TryParse(argument, out uint milliseconds);
                Milliseconds = milliseconds;
                return isNumber;
            case (byte)'p':
                Binds = true;
                BindPath = argument;
                return true;
            case (byte)'l':
                NamesLocal = true;
                LocalName = argument;
                return true;
            default:
                return false;
        }
    }
}
