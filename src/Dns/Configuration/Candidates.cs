using System;
using LocalService.Dns.Packets;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Dns.Configuration;

/// <summary>
/// The candidates for a name that a user wrote, in the order in which they are asked: the name as it is, and the name in each domain of the search
/// list. Specification "dns", section 2.1, with B30.
/// </summary>
internal ref struct Candidates
{
    private readonly ReadOnlySpan<byte> text;
    private readonly bool bareFirst;
    private readonly bool asksBare;
    private ReadOnlySpan<byte> domains;
    private Step step;

    private enum Step : byte
    {
        BareFirst,
        Domains,
        BareLast,
        End,
    }

    /// <summary>The candidates of a name.</summary>
    /// <param name="text">The name as the user wrote it.</param>
    /// <param name="qualifies">Whether the search list is used.</param>
    /// <param name="configuration">The search list and its options. It must outlive the candidates.</param>
    internal Candidates(ReadOnlySpan<byte> text, bool qualifies, in ResolverConfiguration configuration)
    {
        this.text = text;
        int dots = 0;
        foreach (byte character in text)
            dots += character == (byte)'.' ? 1 : 0;
        bool isAbsolute = text.IsEmpty || text[text.Length - 1] == (byte)'.' || !qualifies;
        domains = isAbsolute ? default : configuration.Search.Text;
        asksBare = isAbsolute || dots > 0 || !configuration.NeverAsksTopLevel;
        bareFirst = isAbsolute || (dots >= configuration.MinimumDots && !configuration.BareNameLast);
    }

    /// <summary>The next candidate; false after the last one. Skips a candidate that would be too long.</summary>
    internal bool Next(ref DomainName name)
    {
        while (step != Step.End)
        {
            Errno error = new(libc.ENOENT);
            switch (step)
            {
                case Step.BareFirst:
                    step = Step.Domains;
                    if (bareFirst && asksBare)
                        error = name.Parse(text);
                    break;
                case Step.Domains when domains.IsEmpty:
                    step = bareFirst ? Step.End : Step.BareLast;
                    break;
                case Step.Domains:
                    error = TakeDomain(ref name);
                    break;
                default:
                    step = Step.End;
                    if (asksBare)
                        error = name.Parse(text);
                    break;
            }
            if (!error.Failed)
                return true;
        }
        return false;
    }

    private Errno TakeDomain(ref DomainName name)
    {
        int end = domains.IndexOf((byte)0);
        ReadOnlySpan<byte> domain = domains[..end];
        domains = domains[(end + 1)..];
        if (text.Length + domain.Length > DomainName.Longest * 2)
            return new Errno(libc.ENAMETOOLONG);
        Span<byte> joined = stackalloc byte[DomainName.Longest * 2 + 1];
        text.CopyTo(joined);
        joined[text.Length] = (byte)'.';
        // The root as a domain adds nothing but the dot.
        if (domain.SequenceEqual("."u8))
            domain = default;
        domain.CopyTo(joined[(text.Length + 1)..]);
        return name.Parse(joined[..(text.Length + 1 + domain.Length)]);
    }
}
