using System.Runtime.InteropServices;

namespace LocalService.Libc;

/// <summary>unistd.h</summary>
internal static unsafe partial class libc
{
    public const int STDIN_FILENO = 0;
    public const int STDOUT_FILENO = 1;
    public const int STDERR_FILENO = 2;
    public const int R_OK = 4;
    public const int X_OK = 1;
    public const int F_OK = 0;

    public const int LOCK_EX = 2; // sys/file.h

    [DllImport("libc"), SuppressGCTransition] public static extern nint read(int fd, void* buffer, nuint count);
    [DllImport("libc"), SuppressGCTransition] public static extern int flock(int fd, int operation);
    [DllImport("libc"), SuppressGCTransition] public static extern nint pread(int fd, void* buffer, nuint count, long offset);
    [DllImport("libc"), SuppressGCTransition] public static extern nint pwrite(int fd, void* buffer, nuint count, long offset);
    [DllImport("libc"), SuppressGCTransition] public static extern nint write(int fd, void* buffer, nuint count);
    [DllImport("libc"), SuppressGCTransition] public static extern int close(int fd);
    [DllImport("libc"), SuppressGCTransition] public static extern int isatty(int fd);
    [DllImport("libc"), SuppressGCTransition] public static extern int dup2(int oldFd, int newFd);
    [DllImport("libc"), SuppressGCTransition] public static extern int dup3(int oldFd, int newFd, int flags);
    [DllImport("libc"), SuppressGCTransition] public static extern int pipe2(int* fds, int flags);
    [DllImport("libc"), SuppressGCTransition] public static extern int execve(byte* path, byte** argv, byte** envp);
    [DllImport("libc"), SuppressGCTransition] public static extern void _exit(int status);
    [DllImport("libc"), SuppressGCTransition] public static extern int getpid();
    [DllImport("libc"), SuppressGCTransition] public static extern uint geteuid();
    [DllImport("libc"), SuppressGCTransition] public static extern uint getegid();
    [DllImport("libc"), SuppressGCTransition] public static extern int getresuid(uint* real, uint* effective, uint* saved);
    [DllImport("libc"), SuppressGCTransition] public static extern int getresgid(uint* real, uint* effective, uint* saved);
    [DllImport("libc"), SuppressGCTransition] public static extern int getgroups(int size, uint* list);
    [DllImport("libc"), SuppressGCTransition] public static extern uint getuid();
    [DllImport("libc"), SuppressGCTransition] public static extern int fchown(int fd, uint owner, uint group);
    [DllImport("libc"), SuppressGCTransition] public static extern int chdir(byte* path);
    [DllImport("libc"), SuppressGCTransition] public static extern int unlinkat(int directory, byte* path, int flags);
    [DllImport("libc"), SuppressGCTransition] public static extern int linkat(int oldDirectory, byte* oldPath, int newDirectory, byte* newPath, int flags);
    [DllImport("libc"), SuppressGCTransition] public static extern int symlinkat(byte* target, int directory, byte* path);
    [DllImport("libc"), SuppressGCTransition] public static extern nint readlinkat(int directory, byte* path, byte* buffer, nuint size);
    [DllImport("libc"), SuppressGCTransition] public static extern int fchownat(int directory, byte* path, uint uid, uint gid, int flags);
    [DllImport("libc"), SuppressGCTransition] public static extern int fsync(int fd);
    [DllImport("libc"), SuppressGCTransition] public static extern void* sbrk(nint increment);

    /// <summary>syscall(2), for the calls without a wrapper in musl 1.2.3. Sets errno like one.</summary>
    [DllImport("libc"), SuppressGCTransition] public static extern nint syscall(nint number, nint a, nint b, nint c, nint d, nint e, nint f);

    /// <summary>
    /// setuid(2) of the calling thread, so only for a process with a single thread. musl's function makes all threads do the same, which
    /// takes 1.3 KiB of code; here no process with several threads changes its ids.
    /// </summary>
    public static int setuid(uint uid) => (int)syscall(SYS_setuid, (nint)uid, 0, 0, 0, 0, 0);

    /// <summary>setgid(2), with the same restriction.</summary>
    public static int setgid(uint gid) => (int)syscall(SYS_setgid, (nint)gid, 0, 0, 0, 0, 0);

    /// <summary>faccessat(2), which checks the real ids.</summary>
    public static int faccessat(int directory, byte* path, int mode) =>
        (int)syscall(SYS_faccessat, directory, (nint)path, mode, 0, 0, 0);

    /// <summary>faccessat2(2).</summary>
    public static int faccessat2(int directory, byte* path, int mode, int flags) =>
        (int)syscall(SYS_faccessat2, directory, (nint)path, mode, flags, 0, 0);
}
