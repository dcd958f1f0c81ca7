using System.Runtime.CompilerServices;
using LocalService.Libc;
using LocalService.Memory;

namespace LocalService.Posix;

/// <summary>
/// Closes descriptors that came from other processes, without waiting. Closing the last copy of a socket takes as long as its sender has chosen
/// (SO_LINGER, socket(7)); closing a file in user space or on a network takes until its file system answers. The same holds for a Unix socket: unread
/// messages may carry such descriptors, and closing the socket closes them too. So a separate thread closes them,
/// <see cref="ForeignDescriptorThread"/>; it starts when the first descriptor comes. The caller pays for at most one system call, where close(2) is
/// one, and for none while the thread is at work.
/// </summary>
/// <example>
/// Call <c>Prepare</c> once, before there are other threads; without it the caller closes everything itself. Then, instead of close(2), call
/// <c>Close</c> for a received descriptor and <c>CloseAtOnce</c> for a connection that was not read to its end. A connection that was read to its end
/// has no messages any more: close(2) is enough. Where close(2) alone is too costly to replace, as for a connection that was refused, shutdown(2) in
/// both directions and then SIOCINQ (unix(7)) tell for certain whether there are messages.
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
    /// How many descriptors were handed over and aren't closed yet. It is exact when the only thread that hands them over asks, apart from those that
    /// are closed meanwhile.
    /// </summary>
    internal static int Unfinished => waiting.Count + underWay + deferred;

    private static int* Changes => (int*)Unsafe.AsPointer(ref changes);

    private static int* Settled => (int*)Unsafe.AsPointer(ref settled);

    /// <summary>
    /// From now on a thread closes descriptors; it starts when it is needed. Without memory for the waiting descriptors there is no thread.
    /// </summary>
    internal static void Prepare()
    {
        mutex.Initialize();
        isPrepared = waiting.TryAllocate();
    }

    /// <summary>
    /// Closes a descriptor soon: at once when none was closed in the last milliseconds, otherwise after some milliseconds at the latest. The caller
    /// must not use it any more. When there is no room for it, because the thread couldn't be started and more than <see cref="Capacity"/>
    /// descriptors wait, it is closed here.
    /// </summary>
    internal static void Close(int descriptor) => Take(descriptor, Rest.Sleep);

    /// <summary>The same, but always at once: for a connection whose peer waits for the close.</summary>
    internal static void CloseAtOnce(int descriptor) => Take(descriptor, Rest.Nap);

    /// <summary>
    /// Waits until everything is closed that can be closed without waiting for somebody else, but not longer than allowed; not at all where the thread
    /// can't be started now.
    /// </summary>
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
            bool isStuck = !hasThread;
            mutex.Unlock();
            if (isStuck)
                return;
            if (wakes)
                Futex.Wake(Changes);
            Futex.Wait(Settled, seen, limit.Left);
            mutex.Lock();
        }
        mutex.Unlock();
    }

    /// <summary>
    /// Tries again to start a thread that couldn't be started. Returns whether descriptors wait because that failed again. Descriptors that another
    /// thread hands over meanwhile may be missed.
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

    /// <summary>For the thread: takes the next descriptors to close. Those of the last batch are closed, or deferred.</summary>
    /// <param name="batch">Receives the descriptors.</param>
    /// <param name="capacity">How many descriptors the batch has room for.</param>
    /// <param name="kept">How many are deferred: the thread has them and tries again.</param>
    /// <param name="next">How the thread rests when there are none.</param>
    /// <param name="seen">When there are none, the value to pass to <see cref="AwaitMore"/>.</param>
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

    /// <summary>
    /// Tells the thread that descriptors wait, and starts it if necessary. Returns whether the thread has to be woken: if it rests at least that
    /// deeply. Needs the lock.
    /// </summary>
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
        // Not a variable of the image: those must fit into the page that every start writes to.
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
