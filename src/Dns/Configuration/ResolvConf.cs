using System;
using LocalService.CommandLine;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Dns.Configuration;

/// <summary>
/// Reads the text of resolv.conf(5), and of the variables that replace it. Skips invalid entries with a warning. Specification "dns", section 2.1;
/// the differences are B7, B8 and B28.
/// </summary>
internal static class ResolvConf
{
    private const uint MostSeconds = 30; // these three are the limits of other resolvers
    private const uint MostAttempts = 5;
    private const uint MostDots = 15;

    /// <summary>Reads a file. A keyword counts only at the start of a line.</summary>
    /// <param name="text">The file.</param>
    /// <param name="wantsServers">Whether its servers count.</param>
    /// <param name="wantsSearch">Whether its search list counts.</param>
    /// <param name="configuration">Gets what it says.</param>
    /// <param name="diagnostics">For warnings.</param>
    internal static void Parse(
        ReadOnlySpan<byte> text, bool wantsServers, bool wantsSearch, ref ResolverConfiguration configuration, Diagnostics diagnostics)
    {
        while (TextWords.TakeLine(ref text, out ReadOnlySpan<byte> line))
        {
            if (line.IsEmpty || TextWords.Blanks.IndexOf(line[0]) >= 0)
                continue;
            var words = new TextWords(TextWords.WithoutComment(line), TextWords.Blanks);
            if (!words.Next(out ReadOnlySpan<byte> key))
                continue;
            if (key.SequenceEqual("options"u8))
                ParseOptions(ref words, ref configuration);
            else if (!words.Next(out ReadOnlySpan<byte> word))
                continue;
            else if (wantsServers && key.SequenceEqual("nameserver"u8))
                AddServer(word, ref configuration, diagnostics);
            else if (wantsSearch && key.SequenceEqual("domain"u8))
                AddDomain(word, ref configuration, diagnostics);
            else if (wantsSearch && key.SequenceEqual("search"u8))
                AddDomains(word, ref words, ref configuration, diagnostics);
        }
    }

    /// <summary>Reads a list of servers, in the form of DNSCACHEIP.</summary>
    internal static void ParseServers(ReadOnlySpan<byte> text, ref ResolverConfiguration configuration, Diagnostics diagnostics)
    {
        var words = new TextWords(text, ",; \t\r\n"u8);
        while (words.Next(out ReadOnlySpan<byte> word))
            AddServer(word, ref configuration, diagnostics);
    }

    /// <summary>Reads a search list, in the form of DNSQUALIFY and LOCALDOMAIN.</summary>
    internal static void ParseSearch(ReadOnlySpan<byte> text, ref ResolverConfiguration configuration, Diagnostics diagnostics)
    {
        var words = new TextWords(text, TextWords.Blanks);
        if (words.Next(out ReadOnlySpan<byte> word))
            AddDomains(word, ref words, ref configuration, diagnostics);
    }

    /// <summary>Reads options, in the form of RES_OPTIONS. Ignores unknown options: they are for other resolvers.</summary>
    internal static void ParseOptions(ReadOnlySpan<byte> text, ref ResolverConfiguration configuration)
    {
        var words = new TextWords(text, TextWords.Blanks);
        ParseOptions(ref words, ref configuration);
    }

    private static void ParseOptions(ref TextWords words, ref ResolverConfiguration configuration)
    {
        while (words.Next(out ReadOnlySpan<byte> option))
        {
            if (TryParseNumber(option, "timeout:"u8, 1, MostSeconds, out uint number))
                configuration.TryMilliseconds = number * 1000;
            else if (TryParseNumber(option, "attempts:"u8, 1, MostAttempts, out number))
                configuration.Attempts = number;
            else if (TryParseNumber(option, "ndots:"u8, 0, MostDots, out number))
                configuration.MinimumDots = number;
            configuration.Rotates |= option.SequenceEqual("rotate"u8);
            configuration.UsesTcp |= option.SequenceEqual("use-vc"u8);
            configuration.TrustsAuthenticData |= option.SequenceEqual("trust-ad"u8);
            configuration.NeverAsksTopLevel |= option.SequenceEqual("no-tld-query"u8);
        }
    }

    private static bool TryParseNumber(ReadOnlySpan<byte> option, ReadOnlySpan<byte> name, uint least, uint most, out uint number)
    {
        number = 0;
        if (!option.StartsWith(name) || !Numbers.TryParse(option[name.Length..], out number))
            return false;
        number = number < least ? least : number > most ? most : number;
        return true;
    }

    private static void AddServer(ReadOnlySpan<byte> word, ref ResolverConfiguration configuration, Diagnostics diagnostics)
    {
        if (IpAddressText.TryParseScoped(word, out IpAddress address))
            configuration.AddServer(SocketAddress.Of(address, ResolverConfiguration.Port));
        else
            diagnostics.Warning("ignoring invalid address of a DNS server: "u8, word);
    }

    private static void AddDomains(
        ReadOnlySpan<byte> first, ref TextWords words, ref ResolverConfiguration configuration, Diagnostics diagnostics)
    {
        AddDomain(first, ref configuration, diagnostics);
        while (words.Next(out ReadOnlySpan<byte> word))
            AddDomain(word, ref configuration, diagnostics);
    }

    private static void AddDomain(ReadOnlySpan<byte> word, ref ResolverConfiguration configuration, Diagnostics diagnostics)
    {
        if (!configuration.Search.TryAdd(word))
            diagnostics.Warning("ignoring invalid domain of the search list: "u8, word);
    }
}
