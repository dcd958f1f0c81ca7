using System.Runtime.CompilerServices;
using LocalService.Libc;
using LocalService.Memory;

namespace LocalService.Posix;

/// <summary>
/// Closes descriptors that came from others, without waiting for it. Whoever closes the last copy of a socket waits for as long as its
/// sender has chosen (SO_LINGER, socket(7)), and of a file in user space or on a network until somebody answers. The same holds for a Unix
/// socket: messages that nobody has read may carry such descriptors, and what they carry is closed with it.
/// So a thread of its own closes them, <see cref="ForeignDescriptorThread"/>; it is started when the first one comes. For the caller it is
/// one system call at most, where close(2) is one, and none while the thread is at work.
/// </summary>
/// <example>
/// <c>Prepare</c> once, before there are other threads; without it everything is closed by the caller. Then, instead of close(2):
/// <c>Close</c> for whatever was received as a descriptor, <c>CloseAtOnce</c> for a connection that was not read to its end. A connection
/// whose end was read can't have messages any more: close(2) does. Where close(2) alone is too costly to replace, as for a connection that was
/// refused, shutdown(2) in both directions and then SIOCINQ (unix(7)) tell for certain whether there are messages.
/// </example>
internal static unsafe class ForeignDescriptors
{
    /// <summary>How many can wait to be closed.</summary>
    internal const int Capacity = 1024;

    private static Mutex mutex;
    private static Stack waiting;
    private static int underWay; // taken by the thread
    private static int deferred; // taken, and could not be closed yet
    private static int changes; // a futex: something waits
    private static int settled; // a futex: nothing waits or is under way
    private static bool isAwaited;
    private static bool isPrepared;
    private static bool hasThread;
    private static Rest rest;

    /// <summary>What the thread does when there is nothing to close.</summary>
    internal enum Rest : byte
    {
        /// <summary>It is at work.</summary>
        None,

        /// <summary>It comes back by itself within milliseconds.</summary>
        Nap,

        /// <summary>It has to be woken.</summary>
        Sleep,
    }

    /// <summary>
    /// How many were handed over and are not closed. It is exact when it is asked for by the only thread that hands them over, apart from those
    /// that are closed meanwhile.
    /// </summary>
    internal static int Unfinished => waiting.Count + underWay + deferred;

    private static int* Changes => (int*)Unsafe.AsPointer(ref changes);

    private static int* Settled => (int*)Unsafe.AsPointer(ref settled);

    /// <summary>From now on there is a thread for it, when it is needed. Without memory for what waits there is none.</summary>
    internal static void Prepare()
    {
        mutex.Initialize();
        isPrepared = waiting.TryAllocate();
    }

    /// <summary>
    /// Closes a descriptor soon: at once when none was closed in the last milliseconds, and at the latest after some milliseconds when others
    /// were. The caller may not use it any more. When it can't be kept in mind, because the thread couldn't be started and more than
    /// <see cref="Capacity"/> wait for it, it is closed here.
    /// </summary>
    internal static void Close(int descriptor) => Take(descriptor, Rest.Sleep);

    /// <summary>The same, but always at once: for a connection, whose other end waits for it.</summary>
    internal static void CloseAtOnce(int descriptor) => Take(descriptor, Rest.Nap);

    /// <summary>Waits until everything is closed that can be closed without waiting for somebody else, but not longer than allowed.</summary>
    internal static void Await(uint milliseconds)
    {
        if (!isPrepared)
            return;
        var limit = new TimeLimit(milliseconds);
        mutex.Lock();
        while (waiting.Count + underWay > 0 && !limit.IsOver)
        {
            isAwaited = true;
            int seen = settled;
            bool wakes = Announce(Rest.Nap);
            mutex.Unlock();
            if (wakes)
                Futex.Wake(Changes);
            Futex.Wait(Settled, seen, limit.Left);
            mutex.Lock();
        }
        mutex.Unlock();
    }

    /// <summary>
    /// Whether something waits because the thread couldn't be started, although this has tried again. What another thread hands over meanwhile may
    /// be missed.
    /// </summary>
    internal static bool AreStuck()
    {
        if (hasThread || waiting.Count == 0)
            return false;
        mutex.Lock();
        _ = Announce(Rest.Nap);
        mutex.Unlock();
        return !hasThread;
    }

    /// <summary>For the thread: the next descriptors to close. Those of the last time are closed, or deferred.</summary>
    /// <param name="batch">Where they are put.</param>
    /// <param name="capacity">How many there is room for.</param>
    /// <param name="kept">How many are deferred: the thread has them and tries again.</param>
    /// <param name="next">How it rests when there are none.</param>
    /// <param name="seen">When there are none, what <see cref="AwaitMore"/> needs.</param>
    internal static int TakeBatch(int* batch, int capacity, int kept, Rest next, out int seen)
    {
        mutex.Lock();
        int count = waiting.Count < capacity ? waiting.Count : capacity;
        for (int i = 0; i < count; i++)
            batch[i] = waiting.Pop();
        underWay = count;
        deferred = kept;
        rest = count > 0 ? Rest.None : next;
        seen = changes;
        bool tells = count == 0 && isAwaited;
        if (tells)
        {
            isAwaited = false;
            settled++;
        }
        mutex.Unlock();
        if (tells)
            Futex.Wake(Settled);
        return count;
    }

    /// <summary>For the thread: waits until there is more to close.</summary>
    internal static void AwaitMore(int seen, int milliseconds) => Futex.Wait(Changes, seen, milliseconds);

    private static void Take(int descriptor, Rest disturbed)
    {
        if (!isPrepared || !TryHandOver(descriptor, disturbed))
            _ = libc.close(descriptor);
    }

    private static bool TryHandOver(int descriptor, Rest disturbed)
    {
        mutex.Lock();
        bool hasRoom = waiting.TryPush(descriptor);
        bool wakes = Announce(disturbed);
        mutex.Unlock();
        if (wakes)
            Futex.Wake(Changes);
        return hasRoom;
    }

    /// <summary>Sees to it that the thread finds what waits. Whether it has to be woken: if it rests so deeply. Needs the lock.</summary>
    private static bool Announce(Rest disturbed)
    {
        changes++;
        if (!hasThread)
            hasThread = !ForeignDescriptorThread.Start().Failed;
        bool wakes = rest >= disturbed;
        if (wakes)
            rest = Rest.None;
        return wakes;
    }

    private struct Stack
    {
        // Not among the variables of the image: those are few enough for the page that every start writes to.
        private int* numbers;

        internal int Count { get; private set; }

        internal bool TryAllocate()
        {
            numbers = (int*)MappedMemory.Map(Capacity * sizeof(int));
            return numbers != null;
        }

        internal bool TryPush(int number)
        {
            if (Count == Capacity)
                return false;
            numbers[Count++] = number;
            return true;
        }

        internal int Pop() => numbers[--Count];
    }
}
