using System;
using LocalService.CommandLine;
using LocalService.Memory;
using LocalService.Rules;

namespace LocalService.Tcp.Access;

/// <summary>The command line of the gate. Specification "tcp", section 4.</summary>
internal unsafe struct TcpAccessOptions
{
    // B12. The server that the -X databases were made for gives IDENT 26 seconds.
    private const uint UsualMilliseconds = 30_000;

    /// <summary>From 1 on an allow is reported, from 2 on a denial too, from 3 on what was looked up.</summary>
    internal uint Verbosity { get; private set; }

    /// <summary>Whether a client is refused when something about it can't be found out.</summary>
    internal bool IsStrict { get; private set; }

    /// <summary>Whether data are sent as soon as they are written: TCP_NODELAY, tcp(7).</summary>
    internal bool NoDelay { get; private set; }

    /// <summary>Whether names are looked up at all.</summary>
    internal bool Names { get; private set; }

    /// <summary>Whether /etc/hosts is looked into first.</summary>
    internal bool UsesHosts { get; private set; }

    /// <summary>Whether IDENT is asked.</summary>
    internal bool Ident { get; private set; }

    /// <summary>Whether the name of the client has to lead back to its address.</summary>
    internal bool IsParanoid { get; private set; }

    /// <summary>The name to use for this end; null to look it up.</summary>
    internal CString LocalName { get; private set; }

    /// <summary>The line that a client gets before it is refused; null: none.</summary>
    internal CString Farewell { get; private set; }

    /// <summary>How many bytes are sent first: <see cref="CopyBanner"/>.</summary>
    internal int BannerLength { get; private set; }

    /// <summary>How long all waits together may take; 0: no limit.</summary>
    internal uint Milliseconds { get; private set; }

    /// <summary>The rules; none when <see cref="TcpRules"/> are given.</summary>
    internal RuleSource Rules { get; private set; }

    /// <summary>The database of tcprules; null when there is none.</summary>
    internal CString TcpRules { get; private set; }

    /// <summary>Whether the connection is standard input, and the kernel is asked about it; otherwise the environment describes it.</summary>
    internal bool AsksKernel { get; private set; }

    /// <summary>The program to execute for a client that is let in.</summary>
    internal Words Next { get; private set; }

    /// <summary>Whether the gate waits for a peer on the network, or needs the connection itself.</summary>
    internal readonly bool NeedsProcess => AsksKernel || Names || Ident || BannerLength > 0 || NoDelay;

    /// <summary>Reads the command line.</summary>
    internal static TcpAccessOptions Read(ref OptionReader reader)
    {
        var options = new TcpAccessOptions { Verbosity = 1, Names = true, Milliseconds = UsualMilliseconds };
        while (reader.Next(out char option))
        {
            switch (option)
            {
                case 'v': options.Verbosity = reader.Number(); break;
                case '0': options.AsksKernel = true; break;
                case 'W': options.IsStrict = false; break;
                case 'w': options.IsStrict = true; break;
                case 'D': options.NoDelay = true; break;
                case 'd': options.NoDelay = false; break;
                case 'H': options.Names = false; break;
                case 'h': options.UsesHosts = true; break;
                case 'R': options.Ident = false; break;
                case 'r': options.Ident = true; break;
                case 'P': options.IsParanoid = false; break;
                case 'p': options.IsParanoid = true; break;
                case 'l': options.LocalName = reader.ArgumentPointer; break;
                case 'B': options.BannerLength += reader.Argument.Length; break;
                case 't': options.Milliseconds = reader.Number(); break;
                case 'm': options.Farewell = reader.ArgumentPointer; break;
                case 'i': options.Take(RuleSource.Directory(reader.ArgumentPointer)); break;
                case 'x': options.Take(RuleSource.Database(reader.ArgumentPointer)); break;
                case 'X':
                    options.Take(default);
                    options.TcpRules = reader.ArgumentPointer;
                    break;
            }
        }
        options.Names |= options.IsParanoid;
        options.Next = reader.NamedProgram();
        return options;
    }

    /// <summary>Copies the banner, all arguments of <c>-B</c> joined.</summary>
    /// <param name="reader">A new reader of the command line.</param>
    /// <param name="banner">The buffer: <see cref="BannerLength"/> bytes.</param>
    internal static void CopyBanner(OptionReader reader, Span<byte> banner)
    {
        while (reader.Next(out char option))
        {
            if (option != 'B')
                continue;
            reader.Argument.CopyTo(banner);
            banner = banner[reader.Argument.Length..];
        }
    }

    private void Take(RuleSource rules)
    {
        Rules = rules;
        TcpRules = null;
    }
}
