using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Sudo;

/// <summary>What the server waited for.</summary>
internal enum ProgramEnd : byte
{
    /// <summary>The program ended.</summary>
    Ended,

    /// <summary>The program ended, and the client had gone before.</summary>
    EndedAlone,

    /// <summary>The client went away, and the program still runs.</summary>
    Abandoned,
}

/// <summary>Waits for the program, and for the client to go away. Specification "sudo", section 4.6.</summary>
internal static unsafe class ProgramWatch
{
    /// <summary>Waits. A program that is stopped has not ended; a client that only sends nothing more has not gone.</summary>
    /// <param name="processId">The program.</param>
    /// <param name="signals">Where SIGCHLD is read: see <see cref="Signals"/>.</param>
    /// <param name="client">The connection.</param>
    /// <param name="outlivesClient">Whether the program goes on when the client goes away.</param>
    /// <param name="status">The status of a program that ended, waitpid(2).</param>
    internal static Result<ProgramEnd> Await(int processId, int signals, int client, bool outlivesClient, out uint status)
    {
        libc.pollfd* watched = stackalloc libc.pollfd[2];
        watched[0] = new libc.pollfd { fd = signals, events = libc.POLLIN };
        // Without events poll(2) tells of nothing but hang-ups and errors.
        watched[1] = new libc.pollfd { fd = client };
        while (true)
        {
            Errno error = Errno.Of(libc.poll(watched, 2, -1));
            if (error.Is(libc.EINTR))
                continue;
            status = 0;
            if (error.Failed)
                return error;
            if (watched[0].revents != 0)
            {
                Result<bool> ended = TryReap(processId, signals, out status);
                if (ended.Failed)
                    return ended.Error;
                if (ended.Value)
                    return watched[1].fd < 0 ? ProgramEnd.EndedAlone : ProgramEnd.Ended;
            }
            if (watched[1].fd >= 0 && watched[1].revents != 0)
            {
                if (!outlivesClient)
                    return ProgramEnd.Abandoned;
                watched[1].fd = -1;
            }
        }
    }

    private static Result<bool> TryReap(int processId, int signals, out uint status)
    {
        int raw = 0;
        Result<int> signal = Signals.Next(signals, out _);
        int ended = 0;
        if (!signal.Failed)
        {
            do
                ended = libc.waitpid(processId, &raw, libc.WNOHANG);
            while (ended < 0 && libc.errno == libc.EINTR);
        }
        status = (uint)raw;
        if (signal.Failed)
            return signal.Error;
        return ended < 0 ? Errno.Last : ended > 0;
    }
}
