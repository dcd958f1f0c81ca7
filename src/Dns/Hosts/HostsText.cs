using System;
using LocalService.Dns.Configuration;
using LocalService.Dns.Packets;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Dns.Hosts;

/// <summary>
/// Reads hosts(5) line by line: an address and its names. Skips wrong lines and counts them; a line with an address of a certain interface isn't
/// wrong, but of no use to DNS. Specification "dns", section 4.2, with B9 and B29.
/// </summary>
/// <param name="text">The file.</param>
internal ref struct HostsText(ReadOnlySpan<byte> text)
{
    private ReadOnlySpan<byte> rest = text;

    /// <summary>How many lines were wrong so far.</summary>
    internal int Skipped { get; private set; }

    /// <summary>The next line that counts; false after the last one.</summary>
    internal bool Next(out IpAddress address, out TextWords names)
    {
        address = default;
        names = default;
        while (TextWords.TakeLine(ref rest, out ReadOnlySpan<byte> line))
        {
            int comment = line.IndexOf((byte)'#');
            names = new TextWords(comment < 0 ? line : line[..comment], TextWords.Blanks);
            if (!names.Next(out ReadOnlySpan<byte> word))
                continue;
            bool ofInterface = word.IndexOf((byte)'%') >= 0;
            if (IpAddressText.TryParse(word, out address) && HasNames(names))
                return true;
            Skipped += ofInterface ? 0 : 1;
        }
        return false;
    }

    /// <summary>Whether a word is the same name, ignoring case and a final dot.</summary>
    internal static bool IsName(ReadOnlySpan<byte> word, in DomainName name)
    {
        DomainName other = default;
        return !other.Parse(word).Failed && DomainName.Same(other.Wire, name.Wire);
    }

    private static bool HasNames(TextWords names)
    {
        bool any = false;
        DomainName name = default;
        while (names.Next(out ReadOnlySpan<byte> word))
        {
            if (word.IndexOf((byte)0) >= 0 || name.Parse(word).Failed)
                return false;
            any = true;
        }
        return any;
    }
}
