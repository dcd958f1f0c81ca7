using System;
using LocalService.CommandLine;
using LocalService.Dns.Configuration;
using LocalService.Dns.Lookups;
using LocalService.Dns.Packets;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Dns.Resolving;

/// <summary>
/// Asks DNS servers many questions at a time, without ever waiting. The owner waits until <see cref="Descriptor"/> is readable or <see
/// cref="MillisecondsLeft"/> have passed, and then calls <see cref="Next"/> until there is nothing more. Times are those of <see
/// cref="Clock.Milliseconds"/>. The cost of an event doesn't depend on how many questions are pending (B19). It is large and may be moved.
/// </summary>
internal unsafe partial struct Resolver
{
    private const int BatchSize = 64;
    private const int LargestDatagram = 4096;
    private const uint ConnectionMark = 1u << 31; // in the number of what epoll(7) reports
    private const int PauseMilliseconds = 50;

    private ServerTable servers;
    private ResolverConfiguration configuration;
    private ConfigurationSource source;
    private QuestionPool pool;
    private TcpConnections connections;
    private NumberTable ids; // connection and id of what was sent over TCP, to the question
    private DeadlineHeap tries; // of questions, and behind them of connections
    private DeadlineHeap limits; // of waiters
    private RandomNumbers random;
    private PacketTrace* trace; // null: nothing is shown
    private byte* memory; // of the pool, the heaps, the batch and the datagram
    private nuint memorySize;
    private byte* datagram;
    private libc.epoll_event* batch;
    private int batchCount;
    private int batchPosition;
    private bool polled; // epoll(7) was asked, and overdue deadlines come next
    private bool mayHaveMore; // than the batch that it reported
    private int mostWaiting;
    private int capacity; // of questions: one may have ended and not been reported yet
    private int mostUnderWay;
    private int underWay; // sockets
    private QuestionQueue queue;
    private long queuePausedUntil;
    private DatagramBurst burst;
    private long stuckSince; // since when no socket could be opened and none was open; 0: not stuck
    private int finished; // a question whose end is being reported, or None
    private byte* packet;
    private int packetLength;
    private int broken; // a connection whose questions go elsewhere, or None
    private int reading; // a connection that has messages, or None
    private bool hasFixedServers;

    /// <summary>The descriptor that is readable when there is something to do, poll(2).</summary>
    internal int Descriptor { get; private set; }

    /// <summary>How many questions are pending.</summary>
    internal readonly int Pending => pool.Waiting;

    /// <summary>The search list and how it is used.</summary>
    [System.Diagnostics.CodeAnalysis.UnscopedRef]
    internal readonly ref readonly ResolverConfiguration Configuration => ref configuration;

    /// <summary>Reads the configuration and gets ready. After an error there is nothing to close.</summary>
    /// <param name="settings">How it is to work.</param>
    /// <param name="environment">Where the configuration comes from. It must stay.</param>
    /// <param name="diagnostics">For warnings about the configuration.</param>
    internal Errno Open(in ResolverSettings settings, EnvironmentBlock environment, Diagnostics diagnostics)
    {
        this = default;
        mostWaiting = settings.Capacity;
        trace = settings.Trace;
        capacity = mostWaiting + 1;
        mostUnderWay = settings.MostUnderWay > 0 ? settings.MostUnderWay : capacity;
        queue = QuestionQueue.Empty;
        finished = broken = reading = QuestionPool.None;
        source = new ConfigurationSource(environment);
        hasFixedServers = settings.Servers != null;
        Errno error = default;
        if (hasFixedServers)
            configuration = *settings.Servers;
        else
            error = source.Read(settings.NeedsSearch, ref configuration, diagnostics);
        if (error.Failed)
            return error;
        servers.Load(configuration);
        error = random.Prepare();
        if (error.Failed)
            return error;
        Descriptor = libc.epoll_create1(libc.EPOLL_CLOEXEC);
        if (Descriptor < 0)
            return Errno.Last;
        // One allocation: a lookup uses only its first pages, and a service what it has touched.
        nuint poolSize = QuestionPool.SizeOf(capacity);
        nuint triesSize = DeadlineHeap.SizeOf(capacity + TcpConnections.Most);
        memorySize = poolSize + triesSize + DeadlineHeap.SizeOf(capacity) + (nuint)(BatchSize * sizeof(libc.epoll_event)) + LargestDatagram;
        memory = (byte*)MappedMemory.Map(memorySize);
        if (memory == null)
        {
            _ = libc.close(Descriptor);
            return new Errno(libc.ENOMEM);
        }
        pool.Open(memory, capacity);
        tries.Open(memory + poolSize, capacity + TcpConnections.Most);
        limits.Open(memory + poolSize + triesSize, capacity);
        datagram = memory + memorySize - LargestDatagram;
        batch = (libc.epoll_event*)(datagram - BatchSize * sizeof(libc.epoll_event));
        return default;
    }

    /// <summary>Closes everything and gives the memory back. Pending questions are dropped.</summary>
    internal void Close()
    {
        while (tries.TryFirst(out int number, out _))
        {
            tries.Remove(number);
            if (number < capacity)
                CloseTry(number);
        }
        connections.Free();
        MappedMemory.Unmap(memory, memorySize);
        _ = libc.close(Descriptor);
    }

    /// <summary>Reads the configuration again when its file has changed; checks at most once a second. After an error the old one stays.</summary>
    internal void Refresh(Diagnostics diagnostics)
    {
        if (hasFixedServers || !source.HasChanged(Clock.Milliseconds))
            return;
        ResolverConfiguration changed = default;
        Errno error = source.Read(needsSearch: false, ref changed, diagnostics);
        if (error.Failed)
        {
            diagnostics.Warning(error, "unable to read /etc/resolv.conf"u8);
            return;
        }
        configuration = changed;
        servers.Load(configuration);
    }

    /// <summary>Asks a question.</summary>
    /// <param name="name">The name in wire form.</param>
    /// <param name="type">The type of record.</param>
    /// <param name="flags">Whether recursion is desired. <see cref="QueryFlags.Extended"/> is set by the resolver.</param>
    /// <param name="limit">
    /// When the question ends with <see cref="DnsError.TimedOut"/>; <see cref="long.MaxValue"/>: no limit but that of a question.
    /// </param>
    /// <param name="token">The value that the end of the question is reported with.</param>
    /// <returns>A number to cancel it by; else the error: EINVAL, EAGAIN above the capacity, or no server that a query can be sent to.</returns>
    internal Result<int> Ask(ReadOnlySpan<byte> name, ushort type, QueryFlags flags, long limit, ulong token)
    {
        if (pool.Waiting == mostWaiting)
            return new Errno(libc.EAGAIN);
        if (configuration.TrustsAuthenticData)
            flags |= QueryFlags.Authentic;
        int number = name.Length > DomainName.Longest ? QuestionPool.None : pool.Find(name, type, flags);
        if (number == QuestionPool.None)
        {
            number = pool.Add();
            QuestionSlot* slot = pool.Slot(number);
            QuestionStep step = slot->Question.Start(ref servers, name, type, flags, Clock.Milliseconds);
            if (step != QuestionStep.Finish && !queue.IsEmpty)
                queue.Add(ref pool, number, step);
            else if (step == QuestionStep.Finish || Run(number, step))
            {
                Errno error = slot->Question.Error;
                pool.Release(number);
                return error;
            }
            pool.Enter(number);
        }
        int waiter = pool.AddWaiter(number, token);
        if (limit != long.MaxValue)
            limits.Set(waiter, limit);
        return waiter;
    }

    /// <summary>Cancels the question with this number. Nothing is reported.</summary>
    internal void Cancel(int waiter)
    {
        int number = pool.WaiterOf(waiter)->Question;
        limits.Remove(waiter);
        if (!pool.RemoveWaiter(waiter) || number == finished)
            return;
        CloseTry(number);
        queue.Remove(ref pool, number);
        pool.Leave(number);
        pool.Release(number);
    }

    /// <summary>Goes on as far as possible, up to the end of the next question.</summary>
    /// <returns>False when nothing more has happened: it is time to wait.</returns>
    internal bool Next(out Completion completion)
    {
        while (true)
        {
            if (finished != QuestionPool.None && TellFinished(out completion))
                return true;
            if (broken != QuestionPool.None)
                LeaveBroken();
            else if (reading != QuestionPool.None)
                ReadConnection();
            else if (batchPosition < batchCount)
                Handle(batch[batchPosition++]);
            else if (HasRoomForQueued(Clock.Milliseconds))
                RunQueued();
            else if (!polled)
            {
                // Asked before deadlines are checked: an answer that is here was in time, even if this process was stopped meanwhile.
                batchPosition = 0;
                batchCount = libc.epoll_wait(Descriptor, batch, BatchSize, 0);
                polled = true;
                mayHaveMore = batchCount == BatchSize;
            }
            else if (PassTime(Clock.Milliseconds, out completion, out bool told))
            {
                if (told)
                    return true;
            }
            else if (mayHaveMore)
            {
                polled = false;
                mayHaveMore = false;
            }
            else
            {
                polled = false;
                completion = default;
                return false;
            }
        }
    }

    /// <summary>How long poll(2) may wait, in milliseconds; -1: without limit.</summary>
    internal readonly int MillisecondsLeft
    {
        get
        {
            if (finished != QuestionPool.None || broken != QuestionPool.None || reading != QuestionPool.None || batchPosition < batchCount)
                return 0;
            _ = tries.TryFirst(out _, out long first);
            _ = limits.TryFirst(out _, out long limit);
            first = limit < first ? limit : first;
            long resumes = queuePausedUntil > burst.RoomFrom ? queuePausedUntil : burst.RoomFrom;
            if (!queue.IsEmpty && underWay < mostUnderWay && resumes < first)
                first = resumes;
            if (first == long.MaxValue)
                return -1;
            long left = first - Clock.Milliseconds;
            return left <= 0 ? 0 : left > int.MaxValue ? int.MaxValue : (int)left;
        }
    }

    /// <summary>Reports the end of a question to its next waiter; false when none is left.</summary>
    private bool TellFinished(out Completion completion)
    {
        completion = default;
        QuestionSlot* slot = pool.Slot(finished);
        int waiter = slot->FirstWaiter;
        if (waiter == QuestionPool.None)
        {
            pool.Release(finished);
            finished = QuestionPool.None;
            return false;
        }
        completion = new Completion(pool.WaiterOf(waiter)->Token, slot->Question.Error, new ReadOnlySpan<byte>(packet, packetLength));
        limits.Remove(waiter);
        _ = pool.RemoveWaiter(waiter);
        return true;
    }

    /// <summary>A question has ended.</summary>
    private void Finish(int number, Span<byte> answer)
    {
        pool.Leave(number);
        finished = number;
        fixed (byte* start = answer)
            packet = start; // the datagram, or the input of a connection: neither moves
        packetLength = pool.Slot(number)->Question.Error.Failed ? 0 : answer.Length;
    }

    /// <summary>Runs the steps of a question until it has to wait.</summary>
    /// <returns>Whether it has ended, without an answer.</returns>
    private bool Run(int number, QuestionStep step)
    {
        QuestionSlot* slot = pool.Slot(number);
        while (step != QuestionStep.Finish)
        {
            if (step == QuestionStep.Wait)
            {
                tries.Set(number, slot->Question.Deadline);
                return false;
            }
            Errno error = underWay >= mostUnderWay || (step == QuestionStep.SendUdp && !burst.HasRoom(Clock.Milliseconds))
                ? new Errno(libc.EMFILE)
                : step == QuestionStep.SendUdp ? SendUdp(number) : SendTcp(number);
            if (BackOff.IsExhaustion(error) && !Postpone(number, step))
                step = slot->Question.GiveUp(error);
            else if (BackOff.IsExhaustion(error))
                return false;
            else
                step = error.Failed ? slot->Question.Fail(ref servers, Clock.Milliseconds) : QuestionStep.Wait;
        }
        return true;
    }

    private Errno SendUdp(int number)
    {
        QuestionSlot* slot = pool.Slot(number);
        Result<int> opened = UdpSocket.Open(servers.AddressOf(slot->Question.Server), ref random);
        if (opened.Failed)
            return opened.Error;
        using var socket = new Descriptor(opened.Value);
        Errno error = Watch(socket.Number, libc.EPOLL_CTL_ADD, libc.EPOLLIN, (uint)number, ++slot->Serial);
        if (error.Failed)
            return error;
        slot->Question.BeginTry(servers, tcp: false, (ushort)random.Next(), random.Next(), Clock.Milliseconds);
        Span<byte> query = stackalloc byte[QueryWriter.Longest];
        query = query[..slot->Question.Write(query)];
        if (trace != null)
            trace->Prepare(query, servers.AddressOf(slot->Question.Server).Address, tcp: false);
        error = UdpSocket.Send(socket.Number, query);
        if (error.Failed)
            return error;
        if (trace != null)
            trace->Confirm(query, slot->Question.Deadline);
        slot->Socket = socket.Release();
        underWay++;
        burst.Sent();
        return default;
    }

    private readonly Errno Watch(int socket, int operation, uint events, uint number, uint serial)
    {
        var watched = new libc.epoll_event { events = events, data = (ulong)serial << 32 | number };
        return Errno.Of(libc.epoll_ctl(Descriptor, operation, socket, &watched));
    }

    /// <summary>Ends the try that is under way: closes its socket, or stops waiting for its answer.</summary>
    private void CloseTry(int number)
    {
        QuestionSlot* slot = pool.Slot(number);
        tries.Remove(number);
        if (slot->Connection != QuestionPool.None)
            Detach(number);
        if (slot->Socket < 0)
            return;
        _ = libc.close(slot->Socket);
        slot->Socket = -1;
        slot->Serial++;
        underWay--;
    }

    private void Handle(libc.epoll_event reported)
    {
        uint number = (uint)reported.data;
        uint serial = (uint)(reported.data >> 32);
        if ((number & ConnectionMark) != 0)
        {
            AdvanceConnection((int)(number & ~ConnectionMark), serial);
        }
        else if (pool.Slot((int)number)->Serial == serial)
        {
            _ = ReceiveDatagram((int)number);
        }
    }

    /// <summary>Takes a datagram for a question.</summary>
    /// <returns>Whether there was one, or an error of the network.</returns>
    private bool ReceiveDatagram(int number)
    {
        QuestionSlot* slot = pool.Slot(number);
        if (slot->Socket < 0)
            return false;
        var buffer = new Span<byte>(datagram, LargestDatagram);
        Result<int> size = UdpSocket.Receive(slot->Socket, buffer);
        if (size.Error.Is(libc.EAGAIN))
            return false;
        burst.Received();
        bool whole = !size.Failed && size.Value <= buffer.Length;
        Span<byte> received = size.Failed ? default : whole ? buffer[..size.Value] : buffer;
        if (trace != null && !size.Failed)
            trace->Receive(received);
        long now = Clock.Milliseconds;
        Step(number, size.Failed ? slot->Question.Fail(ref servers, now) : slot->Question.Receive(ref servers, received, whole, false, now), received);
        return true;
    }

    /// <summary>Runs the step of a question after something came for it.</summary>
    private void Step(int number, QuestionStep step, Span<byte> received)
    {
        QuestionSlot* slot = pool.Slot(number);
        if (step == QuestionStep.Wait && !slot->Question.IsPausing)
        {
            tries.Set(number, slot->Question.Deadline);
            return;
        }
        CloseTry(number);
        if (step != QuestionStep.Finish && Run(number, step))
            step = QuestionStep.Finish;
        if (step == QuestionStep.Finish)
            Finish(number, received);
    }

    /// <summary>Handles one deadline that has passed.</summary>
    /// <returns>Whether there was one.</returns>
    private bool PassTime(long now, out Completion completion, out bool told)
    {
        completion = default;
        told = false;
        if (limits.TryFirst(out int number, out long deadline) && deadline <= now)
        {
            if (ReceiveDatagram(pool.WaiterOf(number)->Question))
                return true;
            completion = new Completion(pool.WaiterOf(number)->Token, DnsError.TimedOut, default);
            told = true;
            Cancel(number);
            return true;
        }
        if (!tries.TryFirst(out number, out deadline) || deadline > now)
            return false;
        if (number < capacity && ReceiveDatagram(number))
            return true;
        tries.Remove(number);
        if (number >= capacity)
        {
            connections.Close(number - capacity);
            return true;
        }
        QuestionSlot* slot = pool.Slot(number);
        if (slot->Connection != QuestionPool.None)
            connections.At(slot->Connection)->IsDoubtful = true;
        slot->WasResent = false;
        Step(number, slot->Question.TimePassed(ref servers, now), default);
        return true;
    }

    /// <summary>Queues a question that can't get a socket now: it waits until another one ends, or for a moment when no other is under way.</summary>
    /// <returns>False when no socket could be opened for longer than a question may take.</returns>
    private bool Postpone(int number, QuestionStep step)
    {
        long now = Clock.Milliseconds;
        if (underWay < mostUnderWay && burst.HasRoom(now))
            queuePausedUntil = now + PauseMilliseconds;
        if (underWay > 0)
            stuckSince = 0;
        else if (stuckSince == 0)
            stuckSince = now;
        else if (now - stuckSince > Question.MostMilliseconds)
            return false;
        queue.Add(ref pool, number, step);
        return true;
    }

    private bool HasRoomForQueued(long now) =>
        !queue.IsEmpty && underWay < mostUnderWay && now >= queuePausedUntil && burst.HasRoom(now);

    private void RunQueued()
    {
        int number = queue.Head;
        QuestionSlot* slot = pool.Slot(number);
        queue.Remove(ref pool, number);
        slot->Question.Resume(Clock.Milliseconds);
        if (Run(number, slot->QueuedStep))
            Finish(number, default);
        else if (!slot->IsQueued)
            stuckSince = 0;
    }
}
