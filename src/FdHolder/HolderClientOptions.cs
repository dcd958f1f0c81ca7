using System;
using LocalService.CommandLine;
using LocalService.Posix;

namespace LocalService.FdHolder;

/// <summary>The command line of a client of the holder.</summary>
internal unsafe ref struct HolderClientOptions
{
    /// <summary><c>-d</c>: the descriptor to store; the standard input when it isn't given.</summary>
    internal int Descriptor { get; private set; }

    /// <summary><c>-t</c>: how long everything may take; 0: no limit.</summary>
    internal uint Milliseconds { get; private set; }

    /// <summary>The same for the second of two exchanges, where <c>-t</c> takes two limits.</summary>
    internal uint SecondMilliseconds { get; private set; }

    /// <summary><c>-T</c>: how long the descriptor is to be held, in milliseconds; 0: no limit.</summary>
    internal uint Lifetime { get; private set; }

    /// <summary><c>-D</c>: whether what is retrieved is deleted.</summary>
    internal bool Deletes { get; private set; }

    /// <summary>How a client ends that could not begin: its command line is wrong, or nobody listens.</summary>
    internal readonly int ExitCode => Arguments.List == null ? CommandLine.ExitCode.Usage : CommandLine.ExitCode.System;

    /// <summary>What follows the options, the path of the socket first.</summary>
    internal Words Arguments { get; private set; }

    /// <summary>Reads the command line; false when it is wrong.</summary>
    /// <param name="words">The command line.</param>
    /// <param name="letters">Which of the options there are, as <see cref="OptionParser"/> takes them.</param>
    /// <param name="fewestArguments">How many words have to follow the options.</param>
    /// <param name="options">What it says.</param>
    /// <param name="takesTwoLimits">Whether <c>-t</c> takes <c>N:M</c> too, of which either may be missing; <c>N</c> is the first.</param>
    internal static bool TryParse(
        Words words, ReadOnlySpan<byte> letters, int fewestArguments, out HolderClientOptions options, bool takesTwoLimits = false)
    {
        options = default;
        var parser = new OptionParser(words, letters);
        byte letter;
        while ((letter = parser.Next()) != OptionParser.End)
        {
            if (!options.Apply(letter, parser.Argument, takesTwoLimits))
                return false;
        }
        if (parser.Rest.Count < fewestArguments)
            return false;
        options.Arguments = parser.Rest;
        return true;
    }

    private bool Apply(byte letter, ReadOnlySpan<byte> argument, bool takesTwoLimits)
    {
        bool isNumber = Numbers.TryParse(argument, out uint number);
        switch (letter)
        {
            case (byte)'d':
                Descriptor = (int)number;
                return isNumber;
            case (byte)'t':
                Milliseconds = number;
                return isNumber || (takesTwoLimits && TryParseLimits(argument));
            case (byte)'T':
                Lifetime = number;
                return isNumber;
            case (byte)'D':
                Deletes = true;
                return true;
            default:
                return false;
        }
    }

    private bool TryParseLimits(ReadOnlySpan<byte> text)
    {
        int colon = text.IndexOf((byte)':');
        uint first = 0;
        uint second = 0;
        bool valid = colon >= 0
            && (colon == 0 || Numbers.TryParse(text[..colon], out first))
            && (colon == text.Length - 1 || Numbers.TryParse(text[(colon + 1)..], out second));
        Milliseconds = first;
        SecondMilliseconds = second;
        return valid;
    }
}
