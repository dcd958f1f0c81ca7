using BenchmarkDotNet.Attributes;
using LocalService.Libc;
using LocalService.Services;
using Tmds.Linux;

namespace LocalService.Bench.Types;

/// <summary>The cost of one event in a daemon that watches many idle descriptors.</summary>
public unsafe class WatchedDescriptors
{
    private EventLoop loop;
    private int reading;
    private int writing;

    /// <summary>The number of idle descriptors.</summary>
    [Params(10, 1_000, 10_000)]
    public int Idle { get; set; }

    /// <summary>Numbers of a pipe whose other end stays open and silent, and a pipe with traffic.</summary>
    [GlobalSetup]
    public void Open()
    {
        _ = EventLoop.Open(out loop);
        (int silent, _) = Pipe();
        for (int i = 0; i < Idle; i++)
        {
            if (loop.Watch(LibC.fcntl(silent, LibC.F_DUPFD_CLOEXEC, 0), libc.EPOLLIN, (uint)i).Failed)
                throw new InvalidOperationException("a descriptor can't be watched");
        }
        (reading, writing) = Pipe();
        _ = loop.Watch(reading, libc.EPOLLIN, (uint)Idle);
    }

    /// <summary>Writes a byte, waits for its event, and reads it.</summary>
    [Benchmark]
    public int Event()
    {
        byte one = 1;
        libc.epoll_event* events = stackalloc libc.epoll_event[64];
        _ = libc.write(writing, &one, 1);
        int ready = loop.Wait(events, 64).Value;
        _ = libc.read(reading, &one, 1);
        return ready;
    }

    private static (int Reading, int Writing) Pipe()
    {
        int* ends = stackalloc int[2];
        return libc.pipe2(ends, 0) < 0 ? throw new InvalidOperationException("no pipe: raise the limit on open files to 11,000") : (ends[0], ends[1]);
    }
}
