using System;
using LocalService.CommandLine;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.FdHolder;

/// <summary>The options of a client of the holder, and its first operand.</summary>
internal ref struct HolderClientOptions
{
    /// <summary><c>-d</c>: the descriptor to store; the standard input when it isn't given.</summary>
    internal int Descriptor { get; private set; }

    /// <summary><c>-t</c>: how long everything may take; 0: no limit.</summary>
    internal uint Milliseconds { get; private set; }

    /// <summary>The same for the second of two exchanges, where <c>-t</c> takes two limits.</summary>
    internal uint SecondMilliseconds { get; private set; }

    /// <summary><c>-T</c>: how long the descriptor is to be held, in milliseconds; 0: no limit.</summary>
    internal uint Lifetime { get; private set; }

    /// <summary><c>-D</c>: whether a retrieved descriptor is deleted.</summary>
    internal bool Deletes { get; private set; }

    /// <summary><c>-l</c>: whether more than the names is listed.</summary>
    internal bool IsLong { get; private set; }

    /// <summary><c>-j</c>: whether that is listed as JSON.</summary>
    internal bool IsJson { get; private set; }

    /// <summary>The path of the holder's socket.</summary>
    internal ReadOnlySpan<byte> Socket { get; private set; }

    /// <summary>Reads the options that the role declares, and the socket.</summary>
    /// <param name="reader">The command line. The words after the socket are still to be read.</param>
    /// <param name="takesTwoLimits">Whether <c>-t</c> takes <c>N:M</c> too, of which either may be missing; <c>N</c> is the first.</param>
    internal static HolderClientOptions Read(ref OptionReader reader, bool takesTwoLimits = false)
    {
        var options = new HolderClientOptions();
        while (reader.Next(out char option))
        {
            switch (option)
            {
                case 'd': options.Descriptor = (int)reader.Number(); break;
                case 't' when takesTwoLimits: options.ReadLimits(ref reader); break;
                case 't': options.Milliseconds = reader.Number(); break;
                case 'T': options.Lifetime = reader.Number(); break;
                case 'D': options.Deletes = true; break;
                case 'l': options.IsLong = true; break;
                case 'j': options.IsJson = true; break;
            }
        }
        options.Socket = reader.Operand();
        return options;
    }

    private void ReadLimits(ref OptionReader reader)
    {
        ReadOnlySpan<byte> text = reader.Argument;
        int colon = text.IndexOf((byte)':');
        ReadOnlySpan<byte> firstText = colon < 0 ? text : text[..colon];
        ReadOnlySpan<byte> secondText = colon < 0 ? default : text[(colon + 1)..];
        uint first = 0;
        uint second = 0;
        bool valid = ((colon >= 0 && firstText.IsEmpty) || Numbers.TryParse(firstText, out first))
            && (secondText.IsEmpty || Numbers.TryParse(secondText, out second));
        if (!valid)
            reader.RejectArgument("time limits"u8);
        Milliseconds = first;
        SecondMilliseconds = second;
    }
}
