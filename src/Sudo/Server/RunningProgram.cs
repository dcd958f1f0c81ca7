using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Sudo;

/// <summary>The result of the server's wait.</summary>
internal enum ProgramEnd : byte
{
    /// <summary>The program ended.</summary>
    Ended,

    /// <summary>The program ended after the client had gone away.</summary>
    EndedAlone,

    /// <summary>The client went away while the program still runs.</summary>
    Abandoned,
}

/// <summary>The program: a child, and a descriptor that reports its end by SIGCHLD.</summary>
internal readonly unsafe struct RunningProgram
{
    private readonly int signals;

    private RunningProgram(int processId, int signals)
    {
        ProcessId = processId;
        this.signals = signals;
    }

    /// <summary>The process.</summary>
    internal int ProcessId { get; }

    /// <summary>Starts it. From here on the process blocks SIGCHLD and nothing else.</summary>
    /// <param name="file">The program.</param>
    /// <param name="command">Its command line.</param>
    /// <param name="variables">Its environment, ended by a null pointer.</param>
    /// <param name="standard">Its standard descriptors. They stay open here.</param>
    /// <param name="program">The program when it runs.</param>
    /// <returns>The error if it could not be started.</returns>
    internal static Errno Start(ProgramFile file, Words command, byte** variables, ProgramDescriptors standard, out RunningProgram program)
    {
        program = default;
        // If SIGCHLD is ignored, which a process may inherit at its start, the end of a child isn't reported at all.
        Errno error = Signals.Reset(libc.SIGCHLD);
        if (error.Failed)
            return error;
        Result<int> signals = Signals.OpenDescriptor([libc.SIGCHLD]);
        if (signals.Failed)
            return signals.Error;
        ProgramStart start = default;
        error = start.Start(file, command, variables, standard, out int processId);
        program = new RunningProgram(processId, signals.Value);
        return error;
    }

    /// <summary>Asks it to end, even if it is stopped.</summary>
    internal void Terminate()
    {
        _ = libc.kill(ProcessId, libc.SIGTERM);
        _ = libc.kill(ProcessId, libc.SIGCONT);
    }

    /// <summary>
    /// Waits for its end, and for the client to go away. A stopped program has not ended; a client that only stops sending has not gone away.
    /// Specification "sudo", section 4.6.
    /// </summary>
    /// <param name="client">The connection.</param>
    /// <param name="outlivesClient">Whether the program continues after the client goes away.</param>
    /// <param name="status">The status of a program that ended, waitpid(2).</param>
    internal Result<ProgramEnd> Await(int client, bool outlivesClient, out uint status)
    {
        pollfd* watched = stackalloc pollfd[2];
        watched[0] = new pollfd { fd = signals, events = LibC.POLLIN };
        // Without events poll(2) only reports hang-ups and errors.
        watched[1] = new pollfd { fd = client };
        status = 0;
        while (true)
        {
            Errno error = Errno.Of(LibC.poll(watched, 2, -1));
            if (error.Failed && BackOff.MayWaitAgain(error))
                continue;
            if (error.Failed)
                return error;
            if (watched[1].fd >= 0 && watched[1].revents != 0)
            {
                if (!outlivesClient)
                    return ProgramEnd.Abandoned;
                watched[1].fd = -1;
            }
            if (watched[0].revents != 0)
            {
                Result<bool> ended = TryReap(out status);
                if (ended.Failed)
                    return ended.Error;
                if (ended.Value)
                    return watched[1].fd < 0 ? ProgramEnd.EndedAlone : ProgramEnd.Ended;
            }
        }
    }

    private Result<bool> TryReap(out uint status)
    {
        int raw = 0;
        Result<int> signal = Signals.Next(signals, out _);
        int ended = 0;
        if (!signal.Failed)
        {
            do
                ended = libc.waitpid(ProcessId, &raw, libc.WNOHANG);
            while (ended < 0 && libc.errno == libc.EINTR);
        }
        status = (uint)raw;
        if (signal.Failed)
            return signal.Error;
        return ended < 0 ? Errno.Last : ended > 0;
    }
}
