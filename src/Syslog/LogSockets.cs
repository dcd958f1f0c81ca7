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
    /// What something is watched for that is left alone: one call comes, and then no more. Other than no longer watching it, that needs no
    /// memory to be undone.
    /// </summary>
    internal const uint LeftAlone = libc.EPOLLIN | libc.EPOLLONESHOT;

    // How much of one socket is received before others have their turn; and how much at the end of what is there: who floods sends more.
    private const int MessagesInTurn = 128;
    private const int MessagesAtEnd = 8192;

    // Who sends many messages sends the next one within microseconds. To look for it a few times is cheaper, for the sender above all, than to
    // sleep and be woken for each. In calls of recvmmsg(2), 0.3 µs each.
    private const int Tries = 10;

    private LogSource* list;
    private DatagramBatch batch;
    private BackOff warnings;

    /// <summary>How many there are.</summary>
    internal int Count { get; private set; }

    /// <summary>How many datagrams the kernel has dropped. Whoever says so sets it to 0.</summary>
    internal uint Lost { get; set; }

    internal readonly ref LogSource this[int index] => ref list[index];

    /// <summary>Adds one. False when there are too many.</summary>
    internal bool TryAdd(int descriptor, SourceKind kind)
    {
        if (list == null)
            list = (LogSource*)Arena.Allocate((nuint)(Most * sizeof(LogSource)));
        if (Count == Most)
            return false;
        list[Count++] = new LogSource { Descriptor = descriptor, Kind = kind };
        return true;
    }

    /// <summary>Begins to watch them.</summary>
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

    /// <summary>Leaves one alone until <see cref="Resume"/>.</summary>
    internal readonly void Pause(ref EventLoop loop, int index)
    {
        list[index].IsPaused = true;
        _ = loop.Change(list[index].Descriptor, LeftAlone, (uint)index);
    }

    /// <summary>Goes on with those that were left alone.</summary>
    internal readonly void Resume(ref EventLoop loop)
    {
        for (int i = 0; i < Count; i++)
        {
            if (list[i].IsPaused)
                _ = loop.Change(list[i].Descriptor, libc.EPOLLIN, (uint)i);
            list[i].IsPaused = false;
        }
    }

    /// <summary>Receives what has come of datagrams, as far as there is room.</summary>
    internal Errno Receive(int index, ref LogLines lines, Diagnostics diagnostics) => Receive(index, ref lines, diagnostics, MessagesInTurn);

    /// <summary>Receives what is there of datagrams, as far as there is room, and then nothing more.</summary>
    internal Errno ReceiveRest(ref EventLoop loop, ref LogLines lines, Diagnostics diagnostics)
    {
        Errno error = default;
        for (int i = 0; i < Count && !error.Failed; i++)
        {
            loop.Forget(list[i].Descriptor);
            if (list[i].Kind != SourceKind.Listener)
                error = Receive(i, ref lines, diagnostics, MessagesAtEnd);
        }
        return error;
    }

    private Errno Receive(int index, ref LogLines lines, Diagnostics diagnostics, int most)
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
            // An empty datagram says nothing, and ends nothing.
            if (!batch.Message(i).IsEmpty)
                lines.Add(batch.SenderOf(i), batch.Message(i), batch.IsCut(i));
        }
        if (source.Kind == SourceKind.Local || count == 0)
            return;
        uint lostUntilNow = batch.LostBefore(count - 1);
        Lost += lostUntilNow - source.Lost;
        source.Lost = lostUntilNow;
    }

    // Memory that has run out is there again some time; anything else is not what a socket for messages answers.
    private Errno Explain(Errno error, Diagnostics diagnostics)
    {
        if (!BackOff.IsExhaustion(error))
            return error;
        if (!error.Is(libc.EAGAIN) && warnings.MayWarn())
            diagnostics.Warning(error, "unable to recv"u8);
        return default;
    }
}
