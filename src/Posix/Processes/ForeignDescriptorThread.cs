using System.Runtime.InteropServices;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;

namespace LocalService.Posix;

/// <summary>
/// The thread that closes for <see cref="ForeignDescriptors"/>. It interrupts a close that waits for a peer. A close that may wait for a foreign file
/// system, which no signal ends, it leaves to a process, <see cref="ClosingProcesses"/>.
/// </summary>
internal unsafe struct ForeignDescriptorThread
{
    // In a series of closes nobody has to wake the thread for each one: it looks for more by itself.
    private const int NapMilliseconds = 5;

    /// <summary>The time between two interruptions of a wait: too short to be noticed, and longer than the handling of a signal takes.</summary>
    internal const int IntervalNanoseconds = 50_000;

    private const int RetryMilliseconds = 50;
    private const int BatchSize = 64;

    private Interruptions interruptions;
    private ClosingProcesses processes;
    private int deferredCount;
    private fixed int deferred[ForeignDescriptors.Capacity];

    /// <summary>Starts it. EAGAIN when there are too many threads or processes, or there is no memory.</summary>
    internal static Errno Start()
    {
        nuint size = (nuint)sizeof(ForeignDescriptorThread);
        void* memory = MappedMemory.Map(size);
        if (memory == null)
            return new Errno(libc.ENOMEM);
        Errno error = Thread.Start(&Run, memory);
        if (error.Failed)
            MappedMemory.Unmap(memory, size);
        return error;
    }

    [UnmanagedCallersOnly]
    private static void* Run(void* argument)
    {
        var self = (ForeignDescriptorThread*)argument;
        _ = self->interruptions.Open();
        self->CloseAll();
        return null;
    }

    private void CloseAll()
    {
        int* batch = stackalloc int[BatchSize];
        var rest = ForeignDescriptors.Rest.Nap;
        while (true)
        {
            int room = ForeignDescriptors.Capacity - deferredCount;
            int count = ForeignDescriptors.TakeBatch(batch, room < BatchSize ? room : BatchSize, deferredCount, rest, out int seen);
            if (count > 0)
            {
                CloseBatch(batch, count);
                rest = ForeignDescriptors.Rest.Nap;
                continue;
            }
            CloseDeferred();
            int longest = deferredCount > 0 ? RetryMilliseconds : -1;
            ForeignDescriptors.AwaitMore(seen, rest == ForeignDescriptors.Rest.Nap ? NapMilliseconds : longest);
            rest = ForeignDescriptors.Rest.Sleep;
        }
    }

    private void CloseBatch(int* batch, int count)
    {
        interruptions.Begin(IntervalNanoseconds);
        for (int i = 0; i < count; i++)
        {
            int signalsBefore = RepeatedSignals.Count;
            if (IsInterruptible(batch[i]))
                _ = libc.close(batch[i]);
            else
                deferred[deferredCount++] = batch[i];
            // Each signal has made the interval longer.
            if (RepeatedSignals.Count != signalsBefore)
                interruptions.Begin(IntervalNanoseconds);
        }
        interruptions.End();
    }

    private readonly bool IsInterruptible(int descriptor)
    {
        Result<FileStatus> status = FileStatus.OfForeign(descriptor);
        return interruptions.Work && !status.Failed && status.Value.IsClosedHere;
    }

    private void CloseDeferred()
    {
        while (deferredCount > 0 && processes.TryClose(deferred[deferredCount - 1], interruptions.Work))
            deferredCount--;
    }
}
