using System;
using LocalService.CommandLine;
using LocalService.Dns.Packets;
using LocalService.Dns.Resolving;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;
using LocalService.Services;

namespace LocalService.Dns.Session;

/// <summary>
/// Asks DNS for one client. Its commands start and cancel queries, known by the ids that it chooses; the ends of queries are events. Specification
/// "dns", section 1.2, with B1 to B3.
/// </summary>
internal unsafe struct QueryService : ISessionService
{
    /// <summary>The most queries that may be pending: one for each id.</summary>
    internal const int MostQueries = 65536;

    private const uint ResolverTag = 0;
    private const int IdSize = 2;
    private const int LimitOffset = 5;
    private const int NameOffset = LimitOffset + TaiDate.PackedSize;

    // With this many bytes of events, the client gets time to read before there are more, unless it reads nothing for the grace period.
    private const int ManyEvents = 512 * 1024;
    private const int GraceMilliseconds = 2000;
    private const int RetryMilliseconds = 10;

    private readonly Resolver* resolver;
    private readonly int* queries; // for each id the number that the resolver knows it by, plus 1
    private Moment wakeUp;
    private bool isWakeUpSet;
    private bool isWatched;
    private long fullSince; // since when many events wait; 0: they don't

    /// <param name="resolver">The resolver.</param>
    /// <param name="queries">Zeroed memory of an int for each id.</param>
    internal QueryService(Resolver* resolver, int* queries)
    {
        this.resolver = resolver;
        this.queries = queries;
    }

    /// <inheritdoc/>
    public bool TryHandle(ref EventLoop loop, ref Services.Session session, ReadOnlySpan<byte> command)
    {
        resolver->Refresh(new Diagnostics(Skadnsd.Program));
        if (command.Length <= IdSize)
            return false;
        ushort id = (ushort)BigEndian.Read(command[..IdSize]);
        bool isQuery = command[IdSize] == (byte)'Q';
        if (isQuery && command.Length > NameOffset)
            Start(ref session, id, command);
        else if (command[IdSize] == (byte)'q')
            session.AnswerByte(Cancel(id));
        else
            return false;
        Update(ref loop, ref session);
        return true;
    }

    /// <inheritdoc/>
    public void Ready(ref EventLoop loop, ref Services.Session session, uint tag) => Update(ref loop, ref session);

    /// <inheritdoc/>
    public void Deadline(ref EventLoop loop, ref Services.Session session, uint tag)
    {
        isWakeUpSet = false;
        Update(ref loop, ref session);
    }

    /// <inheritdoc/>
    public readonly void Close()
    {
    }

    private void Start(ref Services.Session session, ushort id, ReadOnlySpan<byte> command)
    {
        if (queries[id] != 0)
        {
            session.AnswerByte(new Errno(libc.EEXIST));
            return;
        }
        ushort type = (ushort)BigEndian.Read(command.Slice(IdSize + 1, 2));
        DomainName name = default;
        bool isName = name.TrySet(command[NameOffset..]);
        bool isDate = TryReadLimit(command.Slice(LimitOffset, TaiDate.PackedSize), out long limit);
        if (!isName || !isDate)
        {
            session.AnswerByte(new Errno(libc.EINVAL));
            return;
        }
        // Such a query ends before it begins; its end is an event, like every end of a query.
        if (type == 0 || limit <= Clock.Milliseconds)
        {
            session.AnswerByte(default);
            Post(ref session, id, type == 0 ? new Errno(libc.EINVAL) : DnsError.TimedOut, default);
            return;
        }
        Result<int> asked = resolver->Ask(name.Wire, type, QueryFlags.RecursionDesired, limit, id);
        if (!asked.Failed)
            queries[id] = asked.Value + 1;
        session.AnswerByte(asked.Error);
    }

    private readonly Errno Cancel(ushort id)
    {
        int query = queries[id] - 1;
        if (query < 0)
            return new Errno(libc.ENOENT);
        queries[id] = 0;
        resolver->Cancel(query);
        return default;
    }

    /// <summary>Reports to the client which queries have ended, and schedules the next update.</summary>
    private void Update(ref EventLoop loop, ref Services.Session session)
    {
        resolver->Refresh(new Diagnostics(Skadnsd.Program));
        bool isFull;
        while (!(isFull = IsFull(ref session)) && resolver->Next(out Completion completion))
        {
            var id = (ushort)completion.Token;
            queries[id] = 0;
            Post(ref session, id, completion.Error, completion.Packet);
        }
        if (!isWatched)
            isWatched = !loop.Watch(resolver->Descriptor, libc.EPOLLIN, ResolverTag).Failed;
        int milliseconds = isFull ? RetryMilliseconds : resolver->MillisecondsLeft;
        if (milliseconds < 0)
            return;
        Moment next = Moment.Now.PlusMilliseconds((uint)milliseconds);
        // A wake-up that is too early does no harm: most queries end before their deadlines.
        if (isWakeUpSet && !next.IsBefore(wakeUp))
            return;
        if (isWakeUpSet)
            loop.RemoveDeadline(wakeUp);
        isWakeUpSet = !loop.ReserveDeadlines(1).Failed;
        if (isWakeUpSet)
            wakeUp = loop.AddDeadline(next, ResolverTag);
        else
            loop.End(ExitCode.System);
    }

    /// <summary>
    /// Whether the client has enough to read. Thousands of queries may end at the same time, which isn't the fault of a client that reads.
    /// </summary>
    private bool IsFull(ref Services.Session session)
    {
        if (session.Posted.Waiting >= ManyEvents)
            _ = session.Posted.Flush(session.Events); // an error shows at the end of the turn
        if (session.Posted.Waiting < ManyEvents)
        {
            fullSince = 0;
            return false;
        }
        long now = Clock.Milliseconds;
        if (fullSince == 0)
            fullSince = now;
        return now - fullSince < GraceMilliseconds;
    }

    private static void Post(ref Services.Session session, ushort id, Errno error, ReadOnlySpan<byte> packet)
    {
        Span<byte> head = stackalloc byte[IdSize + 1];
        BigEndian.Write(head[..IdSize], id);
        head[IdSize] = (byte)error.Number;
        session.Post(head, packet);
    }

    /// <summary>
    /// Converts a limit from a date of the wall clock to a time of the monotonic clock. Zeros and the reserved dates mean no limit.
    /// </summary>
    /// <returns>False when it isn't a date.</returns>
    private static bool TryReadLimit(ReadOnlySpan<byte> packed, out long limit)
    {
        const ulong FirstReserved = 1UL << 63;
        const ulong Farthest = 1UL << 31; // seconds
        limit = long.MaxValue;
        ulong label = BigEndian.Read(packed[..8]);
        if (label >= FirstReserved || (label == 0 && BigEndian.Read(packed[8..]) == 0))
            return true;
        if (!TaiDate.TryUnpack(packed, out TaiDate date))
            return false;
        TaiDate now = TaiDate.Now;
        if (date <= now)
            limit = 0;
        else if (date.Label - now.Label < Farthest)
            limit = Clock.Milliseconds + (long)(date.Label - now.Label) * 1000 + ((long)date.Nanoseconds - now.Nanoseconds) / 1_000_000 + 1;
        return true;
    }
}
