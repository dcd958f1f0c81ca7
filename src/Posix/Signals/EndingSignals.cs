using System;
using LocalService.Errors;
using LocalService.Libc;

namespace LocalService.Posix;

/// <summary>
/// The usual signals that end a program, for a program that has to clean up first: it reads them from a descriptor, and they take effect when it is
/// done. Those that were ignored at start stay ignored.
/// </summary>
internal static class EndingSignals
{
    private static ReadOnlySpan<int> Usual => [libc.SIGTERM, libc.SIGINT, libc.SIGHUP, libc.SIGQUIT, libc.SIGALRM];

    /// <summary>Blocks them, and no others, and opens the descriptor: close-on-exec, non-blocking.</summary>
    internal static Result<int> OpenDescriptor()
    {
        Span<int> taken = stackalloc int[Usual.Length];
        int count = 0;
        foreach (int signal in Usual)
        {
            if (libc.signal(signal, libc.SIG_DFL) == libc.SIG_IGN)
                _ = libc.signal(signal, libc.SIG_IGN);
            else
                taken[count++] = signal;
        }
        return Signals.OpenDescriptor(taken[..count]);
    }

    /// <summary>Lets a signal that has arrived take effect: the process ends.</summary>
    internal static unsafe void Act(int signal)
    {
        _ = libc.kill(libc.getpid(), signal);
        libc.sigset_t none = default;
        _ = libc.sigprocmask(libc.SIG_SETMASK, &none, null);
    }
}
