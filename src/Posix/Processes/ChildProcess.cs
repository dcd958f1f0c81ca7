using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LocalService.Errors;
using LocalService.Libc;

namespace LocalService.Posix;

/// <summary>
/// Starts programs as children with their standard input and output, which may be one connection. The child shares the memory of the server until it
/// executes the program, clone(2) with CLONE_VM and CLONE_VFORK: nothing is copied, whatever the size of the server, and only the calling
/// thread waits. One for each thread.
/// </summary>
internal unsafe struct ChildProcess
{
    // What the frames of clone(2) in libc take below that of its caller is far below this.
    private const nuint FramesOfClone = 1024;

    // What the kernel needs at the most for a signal's frame where it doesn't say (AT_MINSIGSTKSZ, before Linux 5.14).
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
    /// The child that was started last, known from before it runs, so that another thread that waits for it knows whose it is; 0 when it could
    /// not execute the program.
    /// </summary>
    internal int Started;

    /// <summary>
    /// Has every child do something just before it executes the program. It does so in the memory of the caller, while the caller waits; a
    /// few KiB of stack are there for it.
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
    /// <param name="processId">The child; also that of one that has failed and is gone. Below 0 when there never was one.</param>
    /// <returns>
    /// Why there is no process (EAGAIN, ENOMEM), or why the program could not be executed, in which case nothing is left to be waited for.
    /// </returns>
    internal Errno Start(ProgramFile file, byte** words, byte** variables, int socket, out int processId) =>
        Start(file, words, variables, socket, socket, out processId);

    /// <summary>The same with two descriptors: what becomes 0, which isn't 1, and what becomes 1, which isn't 0.</summary>
    internal Errno Start(ProgramFile file, byte** words, byte** variables, int standardInput, int standardOutput, out int processId)
    {
        program = file;
        arguments = words;
        environment = variables;
        input = standardInput;
        output = standardOutput;
        error = 0;
        // The child takes what is free of the stack of this thread, which does nothing meanwhile: no memory of its own. But it may still handle
        // a signal when what the child begins with is there already.
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
        // Another thread that waits for any child may have been quicker (ECHILD), and the number be that of a child of a third one by now.
        while (Errno.Interrupted(libc.waitpid(processId, null, libc.WNOTHREAD)))
        {
        }
        return new Errno(error);
    }

    /// <summary>
    /// The child, up to the program. Its memory is the server's: it writes nothing but the error, and what it was told to do. The signals that
    /// the server has blocked stay so until there is nothing left but to execute the program, so that no handler ever runs in it.
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
