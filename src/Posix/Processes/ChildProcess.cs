using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LocalService.Errors;
using LocalService.Libc;

namespace LocalService.Posix;

/// <summary>
/// Starts programs as children with their standard input and output, which may be one connection. The child shares the memory of the server until it
/// executes the program, clone(2) with CLONE_VM and CLONE_VFORK: nothing is copied, whatever the size of the server, and only the calling
/// thread waits. Each thread needs its own instance.
/// </summary>
internal unsafe struct ChildProcess
{
    // Far more than libc's frames of clone(2) take below the frame of its caller.
    private const nuint FramesOfClone = 1024;

    // The most that the kernel needs for a signal frame where it doesn't report the size (AT_MINSIGSTKSZ, before Linux 5.14).
    private const nuint UsualSignalFrame = 4096;

    private ProgramFile program;
    private byte** arguments;
    private byte** environment;
    private delegate*<void*, void> beforehand;
    private void* beforehandArgument;
    private int input;
    private int output;
    private int error;

    /// <summary>
    /// The child that was started last; 0 when it could not execute the program. It is set before the child runs, so that another thread that waits
    /// for the child knows whose it is.
    /// </summary>
    internal int Started;

    /// <summary>
    /// Sets an action that every child runs just before it executes the program. The action runs in the caller's memory, while the caller waits, with
    /// a few KiB of stack.
    /// </summary>
    internal void Beforehand(delegate*<void*, void> action, void* argument)
    {
        beforehand = action;
        beforehandArgument = argument;
    }

    /// <summary>
    /// Starts the program. The child has the connection as descriptors 0 and 1 and an empty signal mask; descriptors that are not
    /// close-on-exec and signals that are ignored are inherited.
    /// </summary>
    /// <param name="file">The program.</param>
    /// <param name="words">Its command line, ended by a null pointer.</param>
    /// <param name="variables">Its environment, ended by a null pointer.</param>
    /// <param name="socket">The connection, close-on-exec, above the standard descriptors. It stays open in the caller.</param>
    /// <param name="processId">The child's process id, also when the child has failed and is gone. Below 0 when there never was a child.</param>
    /// <returns>
    /// Why there is no process (EAGAIN, ENOMEM), or why the program could not be executed, in which case no child is left to wait for.
    /// </returns>
    internal Errno Start(ProgramFile file, byte** words, byte** variables, int socket, out int processId) =>
        Start(file, words, variables, socket, socket, out processId);

    /// <summary>The same with two descriptors: one that becomes 0 and isn't 1, and one that becomes 1 and isn't 0.</summary>
    internal Errno Start(ProgramFile file, byte** words, byte** variables, int standardInput, int standardOutput, out int processId)
    {
        program = file;
        arguments = words;
        environment = variables;
        input = standardInput;
        output = standardOutput;
        error = 0;
        // The child uses the free part of this thread's stack instead of its own memory, because the thread does nothing meanwhile. But the thread
        // may still handle a signal after the start of the child's stack was written.
        nuint signalFrame = libc.getauxval(libc.AT_MINSIGSTKSZ);
        nuint reserved = FramesOfClone + (signalFrame > 0 ? signalFrame : UsualSignalFrame);
        nuint stack = ((nuint)(&stack) - reserved) & ~(nuint)15;
        processId = libc.clone(&RunChild, (void*)stack, libc.CLONE_VM | libc.CLONE_VFORK | libc.CLONE_PARENT_SETTID | libc.SIGCHLD,
            Unsafe.AsPointer(ref this), (int*)Unsafe.AsPointer(ref Started));
        if (processId < 0)
            return Errno.Last;
        if (error == 0)
            return default;
        Started = 0;
        // Another thread that waits for any child may have been quicker (ECHILD), and the number may belong to a child of a third thread by now.
        while (Errno.Interrupted(libc.waitpid(processId, null, libc.WNOTHREAD)))
        {
        }
        return new Errno(error);
    }

    /// <summary>
    /// Runs in the child until the program is executed. The child shares the server's memory: it writes nothing but the error, and what the action
    /// writes. Signals that the server has blocked stay blocked until only the execution of the program is left, so that no handler ever runs in the
    /// child.
    /// </summary>
    [UnmanagedCallersOnly]
    private static int RunChild(void* argument)
    {
        var self = (ChildProcess*)argument;
        Errno failure = Descriptor.Copy(self->input, libc.STDIN_FILENO);
        if (!failure.Failed)
            failure = Descriptor.Copy(self->output, libc.STDOUT_FILENO);
        if (!failure.Failed && self->beforehand != null)
            self->beforehand(self->beforehandArgument);
        if (!failure.Failed)
            failure = Signals.BecomeDefault();
        self->error = failure.Failed ? failure.Number : self->program.Execute(self->arguments, self->environment).Number;
        libc._exit(127);
        return 127;
    }
}
