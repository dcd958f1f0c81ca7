using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LocalService.Libc;

namespace LocalService.Posix;

/// <summary>
/// Starts a program as a child with one connection as its standard input and output. The child shares the memory of the server until it
/// executes the program, clone(2) with CLONE_VM and CLONE_VFORK: nothing is copied, whatever the size of the server.
/// </summary>
internal unsafe struct ChildProcess
{
    // The child makes a handful of system calls; what its calls to libc need is far below this.
    private const nuint StackSize = 16 * 1024;

    private readonly ProgramCandidates candidates;
    private readonly byte* likely;
    private readonly byte** arguments;
    private byte* stack;
    private byte** environment;
    private int connection;
    private int error;

    /// <summary>Prepares to start a program any number of times.</summary>
    /// <param name="candidates">The files that its name may mean.</param>
    /// <param name="arguments">Its command line, ended by a null pointer.</param>
    internal ChildProcess(ProgramCandidates candidates, byte** arguments)
    {
        this.candidates = candidates;
        likely = candidates.Likely();
        this.arguments = arguments;
        stack = (byte*)MappedMemory.Map(StackSize);
        if (stack == null)
            Abandon.OutOfMemory();
    }

    /// <summary>
    /// Starts the program. The child has the connection as descriptors 0 and 1 and an empty signal mask; descriptors that are not
    /// close-on-exec and signals that are ignored are inherited. Signals with a handler get their default action.
    /// </summary>
    /// <param name="socket">The connection, close-on-exec, above the standard descriptors. It stays open in the caller.</param>
    /// <param name="variables">The environment, ended by a null pointer.</param>
    /// <returns>
    /// The process id; or why there is no process (EAGAIN, ENOMEM), or why the program could not be executed, in which case nothing is
    /// left to be waited for.
    /// </returns>
    internal Result<int> Start(int socket, byte** variables)
    {
        connection = socket;
        environment = variables;
        error = 0;
        int pid = libc.clone(&RunChild, stack + StackSize, libc.CLONE_VM | libc.CLONE_VFORK | libc.SIGCHLD, Unsafe.AsPointer(ref this));
        if (pid < 0)
            return Errno.Last;
        if (error == 0)
            return pid;
        while (libc.waitpid(pid, null, 0) < 0 && libc.errno == libc.EINTR)
        {
        }
        return new Errno(error);
    }

    /// <summary>The child, up to the program. Its memory is the server's: it writes nothing but the error.</summary>
    [UnmanagedCallersOnly]
    private static int RunChild(void* argument)
    {
        var self = (ChildProcess*)argument;
        libc.sigset_t none = default;
        if (libc.sigprocmask(libc.SIG_SETMASK, &none, null) < 0
            || libc.dup2(self->connection, libc.STDIN_FILENO) < 0
            || libc.dup2(self->connection, libc.STDOUT_FILENO) < 0)
        {
            self->error = libc.errno;
        }
        else
        {
            if (self->likely != null)
                _ = libc.execve(self->likely, self->arguments, self->environment);
            self->error = self->candidates.Execute(self->arguments, self->environment).Number;
        }
        libc._exit(127);
        return 127;
    }
}
