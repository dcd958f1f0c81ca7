using System;
using System.Runtime.InteropServices;
using LocalService.Libc;

namespace LocalService.Posix;

/// <summary>Signals of a long-lived server: read from a descriptor, signalfd(2), never delivered to a handler that does anything.</summary>
internal static unsafe class Signals
{
    /// <summary>
    /// Unblocks everything, then blocks the given signals and opens a descriptor from which they are read; close-on-exec, non-blocking.
    /// They arrive even when they were ignored before.
    /// </summary>
    internal static Result<int> OpenDescriptor(ReadOnlySpan<int> signals)
    {
        libc.sigset_t set = default;
        if (libc.sigprocmask(libc.SIG_SETMASK, &set, null) < 0)
            return Errno.Last;
        foreach (int signal in signals)
            set.Add(signal);
        if (libc.sigprocmask(libc.SIG_SETMASK, &set, null) < 0)
            return Errno.Last;
        int descriptor = libc.signalfd(-1, &set, libc.SFD_CLOEXEC | libc.SFD_NONBLOCK);
        return descriptor < 0 ? Errno.Last : descriptor;
    }

    /// <summary>The next signal that arrived, or 0 when there is none.</summary>
    /// <param name="descriptor">What <see cref="OpenDescriptor"/> gave.</param>
    /// <param name="processId">For SIGCHLD the child, one of possibly several since the last time; else who sent the signal.</param>
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
    /// Makes a signal do nothing here. Other than an ignored one, children get its default action back, execve(2).
    /// </summary>
    internal static Errno CatchAndForget(int signal) => Handle(signal, Nothing);

    /// <summary>Makes a signal do nothing but interrupt the system call that waits, which then fails with EINTR.</summary>
    internal static Errno Interrupt(int signal)
    {
        var action = new libc.sigaction_t { sa_handler = Nothing };
        return Errno.Of(libc.sigaction(signal, &action, null));
    }

    /// <summary>
    /// The same as <see cref="CatchAndForget"/>, unless the signal is ignored already: so it stays then, for children too.
    /// </summary>
    internal static Errno CatchAndForgetUnlessIgnored(int signal)
    {
        libc.sigaction_t action;
        if (libc.sigaction(signal, null, &action) < 0)
            return Errno.Last;
        return action.sa_handler == libc.SIG_IGN ? default : CatchAndForget(signal);
    }

    /// <summary>Gives a signal its default action, also when it was ignored at start.</summary>
    internal static Errno Reset(int signal) => Handle(signal, libc.SIG_DFL);

    private static nint Nothing => (nint)(delegate* unmanaged<int, void>)&Forget;

    /// <summary>Lets a signal through to the calling thread.</summary>
    internal static Errno Unblock(int signal)
    {
        libc.sigset_t set = default;
        set.Add(signal);
        return Errno.Of(libc.sigprocmask(libc.SIG_UNBLOCK, &set, null));
    }

    private static Errno Handle(int signal, nint handler) => libc.signal(signal, handler) == libc.SIG_ERR ? Errno.Last : default;

    [UnmanagedCallersOnly]
    private static void Forget(int signal)
    {
    }
}
