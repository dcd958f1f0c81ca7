using System.Runtime.InteropServices;

namespace LocalService.Libc;

/// <summary>signal.h. The layouts of sigset_t (128 bytes) and struct sigaction are those that glibc and musl share on 64-bit Linux.</summary>
internal static unsafe partial class libc
{
    public const int SIGHUP = 1;
    public const int SIGINT = 2;
    public const int SIGQUIT = 3;
    public const int SIGABRT = 6;
    public const int SIGBUS = 7;
    public const int SIGKILL = 9;
    public const int SIGUSR1 = 10;
    public const int SIGUSR2 = 12;
    public const int SIGPIPE = 13;
    public const int SIGALRM = 14;
    public const int SIGTERM = 15;
    public const int SIGCHLD = 17;
    public const int SIGCONT = 18;
    public const int SIGSTOP = 19;
    public const int SIGTSTP = 20;
    public const int SIGTTIN = 21;
    public const int SIGTTOU = 22;
    public const int SIGURG = 23;
    public const int SIGXFSZ = 25;
    public const int SIGWINCH = 28;
    public const int SIGRTMAX = 64;

    public const int SA_SIGINFO = 4;

    /// <summary>The origin of a signal, si_code: a timer of timer_create(2).</summary>
    public const int SI_TIMER = -2;

    public const int SIG_BLOCK = 0;
    public const int SIG_UNBLOCK = 1;
    public const int SIG_SETMASK = 2;

    public const nint SIG_DFL = 0;
    public const nint SIG_IGN = 1;
    public const nint SIG_ERR = -1;

    public struct sigset_t
    {
        public fixed ulong words[16];

        /// <summary>The set with the given signal added; signals run from 1 to 64.</summary>
        public void Add(int signal) => words[0] |= 1UL << (signal - 1);
    }

    /// <summary>struct sigaction, in libc's layout.</summary>
    public struct sigaction_t
    {
        public nint sa_handler;
        public sigset_t sa_mask;
        public int sa_flags;
        public nint sa_restorer;
    }

    [DllImport("libc"), SuppressGCTransition] public static extern int sigaction(int signal, sigaction_t* action, sigaction_t* old);
    [DllImport("libc"), SuppressGCTransition] public static extern int sigprocmask(int how, sigset_t* set, sigset_t* old);
    [DllImport("libc"), SuppressGCTransition] public static extern nint signal(int signal, nint handler);
    [DllImport("libc"), SuppressGCTransition] public static extern int kill(int pid, int signal);

    /// <summary>tgkill(2).</summary>
    public static int tgkill(int pid, int thread, int signal) => (int)syscall(SYS_tgkill, pid, thread, signal, 0, 0, 0);
}
