using System.Runtime.CompilerServices;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Sudo;

/// <summary>Starts a program as a child with three descriptors: a <see cref="ChildProcess"/> that places the second and third by itself.</summary>
internal unsafe struct ProgramStart
{
    private ChildProcess child;
    private ProgramDescriptors descriptors;
    private int failure;

    /// <summary>Starts the program, with an empty signal mask and only the descriptors that are not close-on-exec.</summary>
    /// <param name="file">The program.</param>
    /// <param name="command">Its command line.</param>
    /// <param name="variables">Its environment, ended by a null pointer.</param>
    /// <param name="standard">Its standard descriptors. They stay open in the caller.</param>
    /// <param name="processId">The child, when there is one.</param>
    /// <returns>The error if the program could not be started; then there is no child to wait for.</returns>
    internal Errno Start(ProgramFile file, Words command, byte** variables, ProgramDescriptors standard, out int processId)
    {
        descriptors = standard;
        child.Beforehand(&Place, Unsafe.AsPointer(ref this));
        Errno error = child.Start(file, command.List, variables, descriptors.Input, out processId);
        if (error.Failed || failure == 0)
            return error;
        while (libc.waitpid(processId, null, 0) < 0 && libc.errno == libc.EINTR)
        {
        }
        return new Errno(failure);
    }

    // This runs in the child, in the memory of the server.
    private static void Place(void* argument)
    {
        var self = (ProgramStart*)argument;
        if (libc.dup2(self->descriptors.Output, libc.STDOUT_FILENO) >= 0 && libc.dup2(self->descriptors.Error, libc.STDERR_FILENO) >= 0)
            return;
        self->failure = libc.errno;
        libc._exit(ExitCode.System);
    }
}
