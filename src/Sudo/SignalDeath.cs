using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Sudo;

/// <summary>Ends this process by a signal, so that its parent sees the fate of another process.</summary>
internal static unsafe class SignalDeath
{
    private const int LastSignal = 64;

    /// <summary>
    /// Ends this process by the signal, without a core dump, which would be of the wrong program. It returns if that is impossible: for
    /// a signal that doesn't kill, or in the first process of a namespace (pid_namespaces(7)).
    /// </summary>
    internal static void Of(int signal)
    {
        if (!Kills(signal))
            return;
        _ = libc.prctl(libc.PR_SET_DUMPABLE, 0, 0, 0, 0);
        _ = Signals.Reset(signal);
        libc.sigset_t others = default;
        for (int other = 1; other <= LastSignal; other++)
        {
            if (other != signal)
                others.Add(other);
        }
        _ = libc.sigprocmask(libc.SIG_SETMASK, &others, null);
        _ = libc.kill(libc.getpid(), signal);
    }

    /// <summary>Whether the default action of a signal is to end the process, signal(7).</summary>
    internal static bool Kills(int signal) => signal is > 0 and <= LastSignal
        and not (libc.SIGCHLD or libc.SIGCONT or libc.SIGSTOP or libc.SIGTSTP or libc.SIGTTIN or libc.SIGTTOU or libc.SIGURG or libc.SIGWINCH);
}
