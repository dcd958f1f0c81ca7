using System;
using System.Runtime.CompilerServices;
using LocalService.Dns.Configuration;
using LocalService.Errors;
using LocalService.Posix;

namespace LocalService.Dns.Resolving;

/// <summary>
/// The servers that questions are sent to, and what was learned about each: whether it failed lately, and what it doesn't understand. Times are those
/// of <see cref="Clock.Milliseconds"/>. Specification "dns", B5 to B7.
/// </summary>
internal struct ServerTable
{
    /// <summary>How long a server that failed is asked last.</summary>
    internal const long MemoryMilliseconds = 30_000;

    private Entries entries;
    private int next; // where the next question begins, when they rotate

    [InlineArray(ResolverConfiguration.MostServers)]
    private struct Entries
    {
        private Entry element;
    }

    private struct Entry
    {
        internal SocketAddress Address;
        internal long FailedUntil; // 0: it works, as far as is known
        internal bool LacksExtension;
        internal bool ChangesCase;
    }

    internal int Count { get; private set; }

    /// <summary>Changes when the servers do: then what a question noted about them is worthless.</summary>
    internal uint Generation { get; private set; }

    /// <summary>How long the first try of a question lasts, in milliseconds; each round doubles it.</summary>
    internal uint TryMilliseconds { get; private set; }

    /// <summary>How many rounds over all servers a question makes.</summary>
    internal uint Attempts { get; private set; }

    /// <summary>Whether questions go over TCP from the start.</summary>
    internal bool UsesTcp { get; private set; }

    private bool rotates;

    /// <summary>Takes the servers of a configuration. Keeps what is known about servers that stay.</summary>
    internal void Load(in ResolverConfiguration configuration)
    {
        Entries old = entries;
        entries = default;
        int oldCount = Count;
        Count = configuration.ServerCount;
        TryMilliseconds = configuration.TryMilliseconds;
        Attempts = configuration.Attempts;
        UsesTcp = configuration.UsesTcp;
        rotates = configuration.Rotates;
        next = 0;
        Generation++;
        for (int i = 0; i < Count; i++)
        {
            At(i) = new Entry { Address = configuration.ServerAt(i) };
            for (int j = 0; j < oldCount; j++)
            {
                if (At(ref old, j).Address.Equals(At(i).Address))
                    At(i) = At(ref old, j);
            }
        }
    }

    internal readonly SocketAddress AddressOf(int server) => At(server).Address;

    /// <summary>Whether a server is asked without EDNS, because it doesn't know it.</summary>
    internal readonly bool LacksExtension(int server) => At(server).LacksExtension;

    /// <summary>Whether a server is asked over TCP, because it doesn't keep the case of letters, which answers are recognized by.</summary>
    internal readonly bool ChangesCase(int server) => At(server).ChangesCase;

    internal void NoteLackOfExtension(int server) => At(server).LacksExtension = true;

    internal void NoteChangeOfCase(int server) => At(server).ChangesCase = true;

    /// <summary>A server didn't answer, can't be reached, or refuses to serve this machine.</summary>
    internal void NoteFailure(int server, long now) => At(server).FailedUntil = now + MemoryMilliseconds;

    /// <summary>A server gave an answer.</summary>
    internal void NoteSuccess(int server) => At(server).FailedUntil = 0;

    /// <summary>
    /// Fills in the order in which a question asks the servers: as configured, those that failed lately last. When the memory of a failure is
    /// over, one question tries that server; until it has succeeded the others still ask it last.
    /// </summary>
    internal void Order(long now, Span<byte> order)
    {
        int used = 0;
        for (int i = 0; i < Count; i++)
        {
            int server = (next + i) % Count;
            if (At(server).FailedUntil <= now)
                order[used++] = (byte)server;
        }
        int working = used;
        for (int i = 0; i < Count; i++)
        {
            int server = (next + i) % Count;
            if (At(server).FailedUntil > now)
                order[used++] = (byte)server;
        }
        if (working > 0 && At(order[0]).FailedUntil != 0)
            NoteFailure(order[0], now);
        if (rotates && Count > 0)
            next = (next + 1) % Count;
    }

    private readonly ref Entry At(int server) => ref At(ref Unsafe.AsRef(in entries), server);

    private static ref Entry At(ref Entries entries, int server)
    {
        if ((uint)server >= ResolverConfiguration.MostServers)
            Abandon.InternalInconsistency();
        return ref Unsafe.Add(ref Unsafe.As<Entries, Entry>(ref entries), server);
    }
}
