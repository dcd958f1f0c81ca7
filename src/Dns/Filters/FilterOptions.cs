using System;
using LocalService.CommandLine;

namespace LocalService.Dns.Filters;

/// <summary>The command line of the filters. Specification "dns", section 3.</summary>
internal ref struct FilterOptions
{
    private const int UsualLines = 256;
    private const int UsualConcurrency = 128;
    private const uint Most = 65535;

    /// <summary>The most lines that are kept, not fewer than <see cref="Concurrency"/>.</summary>
    internal int Lines { get; private set; }

    /// <summary>How many queries are pending at a time.</summary>
    internal int Concurrency { get; private set; }

    /// <summary>How long each query may take; 0: no limit but its own.</summary>
    internal uint Milliseconds { get; private set; }

    /// <summary>Whether /etc/hosts is asked first.</summary>
    internal bool UsesHosts { get; private set; }

    internal ReadOnlySpan<byte> Format { get; private set; }

    internal ReadOnlySpan<byte> ErrorFormat { get; private set; }

    /// <summary>The socket of the daemon that asks for the filter; empty: the filter asks by itself.</summary>
    internal ReadOnlySpan<byte> Socket { get; private set; }

    /// <summary>Whether <c>-4</c>, whether <c>-6</c> was given.</summary>
    internal bool V4 { get; private set; }
    internal bool V6 { get; private set; }

    /// <summary>Whether the formats are valid.</summary>
    internal readonly bool HasValidFormats =>
        FilterFormat.IsValid(Format, FilterFormat.Letters) && FilterFormat.IsValid(ErrorFormat, FilterFormat.ErrorLetters);

    internal static FilterOptions Read(scoped ref OptionReader reader)
    {
        var options = new FilterOptions
        {
            Lines = UsualLines,
            Concurrency = UsualConcurrency,
            Format = FilterFormat.Usual,
            ErrorFormat = FilterFormat.UsualError,
        };
        while (reader.Next(out char option))
        {
            switch (option)
            {
                case 'l': options.Lines = Number(ref reader); break;
                case 'c': options.Concurrency = Number(ref reader); break;
                case 't': options.Milliseconds = reader.Number(); break;
                case 'f': options.Format = reader.Argument; break;
                case 'e': options.ErrorFormat = reader.Argument; break;
                case 'S': options.Socket = SocketPath(ref reader); break;
                case 'h': options.UsesHosts = true; break;
                case 'H': options.UsesHosts = false; break;
                case '4': options.V4 = true; break;
                case '6': options.V6 = true; break;
            }
        }
        if (options.Concurrency == 0)
            options.Concurrency = 1;
        if (options.Lines < options.Concurrency)
            options.Lines = options.Concurrency;
        return options;
    }

    // The empty path of a variable that isn't set must not mean to ask DNS without the daemon.
    private static ReadOnlySpan<byte> SocketPath(scoped ref OptionReader reader)
    {
        if (reader.Argument.IsEmpty)
            reader.RejectArgument("socket"u8);
        return reader.Argument;
    }

    private static int Number(scoped ref OptionReader reader)
    {
        uint number = reader.Number();
        if (number > Most)
            reader.RejectArgument("number"u8);
        return (int)number;
    }
}
