using System;
using LocalService.CommandLine;
using LocalService.Posix;

namespace LocalService.Dns.Lookups;

/// <summary>The command line of the lookups. Specification "dns", section 4.</summary>
internal ref struct LookupOptions
{
    /// <summary>The longest time of all questions together, in milliseconds; 0: no limit.</summary>
    internal uint Milliseconds { get; private set; }

    /// <summary>Whether short names are looked for in the search list.</summary>
    internal bool Qualifies { get; private set; }

    /// <summary>Whether /etc/hosts is asked first.</summary>
    internal bool UsesHosts { get; private set; }

    /// <summary>Whether the records come in a random order.</summary>
    internal bool Shuffles { get; private set; }

    /// <summary>Whether <c>-4</c>, whether <c>-6</c> was given.</summary>
    internal bool V4 { get; private set; }
    internal bool V6 { get; private set; }

    /// <summary>The first operand.</summary>
    internal ReadOnlySpan<byte> Operand { get; private set; }

    /// <summary>Reads the options that the lookup declares, and the first operand.</summary>
    internal static LookupOptions Read(scoped ref OptionReader reader)
    {
        var options = new LookupOptions();
        while (reader.Next(out char option))
        {
            switch (option)
            {
                case 't': options.Milliseconds = reader.Number(); break;
                case 'q': options.Qualifies = true; break;
                case 'h': options.UsesHosts = true; break;
                case 'H': options.UsesHosts = false; break;
                case 'r': options.Shuffles = true; break;
                case '4': options.V4 = true; break;
                case '6': options.V6 = true; break;
            }
        }
        options.Operand = reader.Operand();
        return options;
    }
}
