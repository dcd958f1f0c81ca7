using System;
using LocalService.Errors;
using LocalService.Libc;

namespace LocalService.Posix;

/// <summary>
/// Signals of a long-lived server: read from a descriptor, signalfd(2), or held back, never delivered to a handler that does more than slow down a
/// timer. Most need no handler at all, so a child, which shares the server's memory until it executes its program, has none to reset.
/// </summary>
internal static unsafe class Signals
{
    // Sets of signals, the lowest bit for signal 1: a whole sigset_t each is too much for the page of variables.
    private static ulong heldBack;
    private static ulong interrupting;

    /// <summary>
    /// Unblocks everything that isn't held back, then blocks the given signals and opens a descriptor to read them from; close-on-exec, non-blocking.
    /// They arrive even when they were ignored before.
    /// </summary>
    internal static Result<int> OpenDescriptor(ReadOnlySpan<int> signals)
    {
        libc.sigset_t set = default;
        libc.sigset_t blocked = default;
        blocked.words[0] = heldBack;
        if (libc.sigprocmask(libc.SIG_SETMASK, &blocked, null) < 0)
            return Errno.Last;
        foreach (int signal in signals)
        {
            set.Add(signal);
            blocked.Add(signal);
        }
        if (libc.sigprocmask(libc.SIG_SETMASK, &blocked, null) < 0)
            return Errno.Last;
        int descriptor = libc.signalfd(-1, &set, libc.SFD_CLOEXEC | libc.SFD_NONBLOCK);
        return descriptor < 0 ? Errno.Last : descriptor;
    }

    /// <summary>The next signal that arrived, or 0 when there is none.</summary>
    /// <param name="descriptor">The descriptor from <see cref="OpenDescriptor"/>.</param>
    /// <param name="processId">For SIGCHLD the child, one of possibly several since the last time; otherwise the sender of the signal.</param>
    internal static Result<int> Next(int descriptor, out int processId)
    {
        processId = 0;
        libc.signalfd_siginfo information;
        nint size = libc.read(descriptor, &information, (nuint)sizeof(libc.signalfd_siginfo));
        if (size == sizeof(libc.signalfd_siginfo))
        {
            processId = (int)information.ssi_pid;
            return (int)information.ssi_signo;
        }
        Errno error = Errno.Of(size);
        return error.Is(libc.EAGAIN) || error.Is(libc.EINTR) ? 0 : error;
    }

    /// <summary>
    /// Blocks a signal for good: it does nothing here, and the call itself reports the same condition, a failed write for example. Its action stays
    /// as it is and applies in children, which block nothing.
    /// </summary>
    internal static Errno HoldBack(int signal)
    {
        libc.sigset_t added = default;
        added.Add(signal);
        heldBack |= MaskOf(signal);
        return Errno.Of(libc.sigprocmask(libc.SIG_BLOCK, &added, null));
    }

    /// <summary>
    /// Makes a signal do nothing but interrupt a waiting system call, which then fails with EINTR, and slow down a timer that repeats it.
    /// </summary>
    internal static Errno Interrupt(int signal)
    {
        var action = new libc.sigaction_t { sa_handler = RepeatedSignals.Handler, sa_flags = libc.SA_SIGINFO };
        interrupting |= MaskOf(signal);
        return Errno.Of(libc.sigaction(signal, &action, null));
    }

    /// <summary>
    /// For a child that shares the memory of this process: gives signals with a handler from <see cref="Interrupt"/> their default action, then
    /// unblocks all signals. From here on no signal finds a handler of this process; before, only that of <see cref="RepeatedSignals"/>.
    /// </summary>
    internal static Errno BecomeDefault()
    {
        Errno error = (interrupting & MaskOf(libc.SIGALRM)) != 0 ? Reset(libc.SIGALRM) : default;
        if (!error.Failed && (interrupting & MaskOf(Interruptions.Signal)) != 0)
            error = Reset(Interruptions.Signal);
        libc.sigset_t none = default;
        return error && Errno.Of(libc.sigprocmask(libc.SIG_SETMASK, &none, null));
    }

    private static ulong MaskOf(int signal) => 1UL << (signal - 1);

    /// <summary>Gives a signal its default action, even if it was ignored at start.</summary>
    internal static Errno Reset(int signal) => libc.signal(signal, libc.SIG_DFL) == libc.SIG_ERR ? Errno.Last : default;

    /// <summary>Lets a signal through to the calling thread.</summary>
    internal static Errno Unblock(int signal)
    {
        libc.sigset_t set = default;
        set.Add(signal);
        return Errno.Of(libc.sigprocmask(libc.SIG_UNBLOCK, &set, null));
    }
}
