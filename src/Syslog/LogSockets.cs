using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;
using LocalService.Services;

namespace LocalService.Syslog;

/// <summary>The sockets that messages come from; each is watched under its index as the tag.</summary>
internal unsafe struct LogSockets
{
    /// <summary>How many there may be.</summary>
    internal const int Most = 16;

    /// <summary>
    /// The events of a paused descriptor: it is reported once, and then no more. Unlike no longer watching it, this can be undone without memory.
    /// </summary>
    internal const uint LeftAlone = libc.EPOLLIN | libc.EPOLLONESHOT;

    // How many messages of one socket are received before others have their turn, and how many at most at the end: a flooding sender never stops. The
    // queue of a Unix socket is shorter (net.unix.max_dgram_qlen).
    private const int MessagesInTurn = 128;
    private const int MessagesAtEnd = 8192;

    // A sender of many messages sends the next one within microseconds. Looking for it a few times is cheaper, above all for the sender, than
    // sleeping and being woken for each. In calls of recvmmsg(2), 0.3 µs each.
    private const int Tries = 10;

    private LogSource* list;
    private DatagramBatch batch;
    private BackOff warnings;

    /// <summary>How many there are.</summary>
    internal int Count { get; private set; }

    /// <summary>How many datagrams the kernel has dropped. The code that reports them sets it to 0.</summary>
    internal uint Lost { get; set; }

    internal readonly ref LogSource this[int index] => ref list[index];

    /// <summary>Adds a socket. False when there are too many.</summary>
    internal bool TryAdd(int descriptor, SourceKind kind)
    {
        if (list == null)
            list = (LogSource*)Arena.Allocate((nuint)(Most * sizeof(LogSource)));
        if (Count == Most)
            return false;
        list[Count++] = new LogSource { Descriptor = descriptor, Kind = kind };
        return true;
    }

    /// <summary>Begins to watch the sockets.</summary>
    internal Errno Watch(ref EventLoop loop, int longestMessage)
    {
        var memory = (byte*)MappedMemory.Map(DatagramBatch.MemoryFor(longestMessage));
        if (memory == null)
            return new Errno(libc.ENOMEM);
        batch = new DatagramBatch(longestMessage, memory);
        Errno error = default;
        for (int i = 0; i < Count && !error.Failed; i++)
            error = loop.Watch(list[i].Descriptor, libc.EPOLLIN, (uint)i);
        return error;
    }

    /// <summary>Pauses a socket until <see cref="Resume"/>.</summary>
    internal readonly void Pause(ref EventLoop loop, int index)
    {
        list[index].IsPaused = true;
        _ = loop.Change(list[index].Descriptor, LeftAlone, (uint)index);
    }

    /// <summary>Resumes the paused sockets.</summary>
    internal readonly void Resume(ref EventLoop loop)
    {
        for (int i = 0; i < Count; i++)
        {
            if (list[i].IsPaused)
                _ = loop.Change(list[i].Descriptor, libc.EPOLLIN, (uint)i);
            list[i].IsPaused = false;
        }
    }

    /// <summary>Receives the datagrams that have come, as far as there is room.</summary>
    internal Errno Receive(int index, ref LogLines lines, Diagnostics diagnostics)
    {
        int most = MessagesInTurn;
        return Receive(index, ref lines, diagnostics, ref most);
    }

    /// <summary>
    /// Begins the end: the sockets are no longer watched, and <see cref="ReceiveRest"/> takes what has come. Nobody can connect any more to a listening
    /// socket of this process. In one that somebody else has made and may keep, clients go on waiting.
    /// </summary>
    internal readonly void Leave(ref EventLoop loop)
    {
        for (int i = 0; i < Count; i++)
        {
            loop.Forget(list[i].Descriptor);
            list[i].MostLeft = MessagesAtEnd;
            if (list[i].Kind != SourceKind.Listener)
                continue;
            Result<PeerCredentials> listener = PeerCredentials.Of(list[i].Descriptor);
            bool isOwn = !listener.Failed && listener.Value.ProcessId == libc.getpid();
            if (!isOwn || libc.shutdown(list[i].Descriptor, libc.SHUT_RD) < 0)
                list[i].MostLeft = 0;
        }
    }

    /// <summary>Receives the remaining datagrams, as far as there is room, and accepts the remaining clients, as far as there are places.</summary>
    /// <returns>Whether nothing is left.</returns>
    internal Result<bool> ReceiveRest(ref EventLoop loop, ref LogLines lines, ref LogStreams streams, Diagnostics diagnostics)
    {
        bool isAll = true;
        for (int i = 0; i < Count; i++)
        {
            if (list[i].MostLeft <= 0)
                continue;
            bool mayHaveMore;
            if (list[i].Kind == SourceKind.Listener)
            {
                Errno error = streams.Accept(ref loop, list[i].Descriptor, diagnostics);
                // The clients that there are make room when they have been heard. EAGAIN and EINVAL, after shutdown(2): nobody waits.
                mayHaveMore = !error.Failed || error.Is(libc.EUSERS) || (BackOff.IsExhaustion(error) && !error.Is(libc.EAGAIN));
            }
            else
            {
                Errno error = Receive(i, ref lines, diagnostics, ref list[i].MostLeft);
                if (error.Failed)
                    return error;
                mayHaveMore = !lines.HasRoom;
            }
            list[i].MostLeft = mayHaveMore ? list[i].MostLeft - 1 : 0;
            isAll &= list[i].MostLeft <= 0;
        }
        return isAll;
    }

    private Errno Receive(int index, ref LogLines lines, Diagnostics diagnostics, scoped ref int most)
    {
        ref LogSource source = ref list[index];
        int tries = Tries; // when there is nothing at first, there is no burst
        while (most > 0 && lines.MakeRoom())
        {
            Result<int> count = batch.Receive(source.Descriptor, source.Kind);
            if (count.Error.Is(libc.EAGAIN) && tries++ < Tries)
                continue;
            if (count.Failed)
                return Explain(count.Error, diagnostics);
            tries = 0;
            most -= count.Value;
            Add(ref source, count.Value, ref lines);
        }
        return default;
    }

    private void Add(ref LogSource source, int count, ref LogLines lines)
    {
        lines.Begin();
        for (int i = 0; i < count; i++)
        {
            // An empty datagram has no message, and doesn't end anything.
            if (!batch.Message(i).IsEmpty)
                lines.Add(batch.SenderOf(i), batch.Message(i), batch.IsCut(i));
        }
        if (source.Kind == SourceKind.Local || count == 0)
            return;
        uint lostUntilNow = batch.LostBefore(count - 1);
        Lost += lostUntilNow - source.Lost;
        source.Lost = lostUntilNow;
    }

    // A shortage of memory passes; a socket for messages returns no other error.
    private Errno Explain(Errno error, Diagnostics diagnostics)
    {
        if (!BackOff.IsExhaustion(error))
            return error;
        if (!error.Is(libc.EAGAIN) && warnings.MayWarn())
            diagnostics.Warning(error, "unable to recv"u8);
        return default;
    }
}
