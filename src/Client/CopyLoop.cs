using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Client;

/// <summary>Runs two directions until both are over. Specification "client", sections 3.2 to 3.4.</summary>
internal static unsafe class CopyLoop
{
    /// <summary>Copies.</summary>
    /// <param name="outward">From the user to the connection.</param>
    /// <param name="inward">From the connection to the user.</param>
    /// <param name="options">The idle limit, and the condition for an early end.</param>
    /// <param name="diagnostics">For messages.</param>
    internal static Outcome Run(ref Direction outward, ref Direction inward, in IoConnectOptions options, Diagnostics diagnostics)
    {
        var idle = new TimeLimit(options.Milliseconds);
        pollfd* questions = stackalloc pollfd[4];
        while (!(outward.IsOver && inward.IsOver))
        {
            questions[0] = outward.SourceQuestion;
            questions[1] = outward.SinkQuestion;
            questions[2] = inward.SourceQuestion;
            questions[3] = inward.SinkQuestion;
            int wait = TimeLimit.Sooner(idle.Left, TimeLimit.Sooner(outward.MillisecondsLeft, inward.MillisecondsLeft));
            // After the inward direction ends, the outward data get one last chance at once, because the peer no longer reads.
            bool ends = options.EndsWithPeer && inward.IsOver;
            if (ends && outward.MillisecondsLeft < 0)
                wait = 0;
            Errno error = Errno.Of(LibC.poll(questions, 4, wait));
            if (error.Failed && !BackOff.MayWaitAgain(error))
                return diagnostics.Fatal(error, "unable to iopause"u8);
            bool progressed = !error.Failed && outward.Advance(questions[0].revents, ends ? LibC.POLLHUP : questions[1].revents);
            progressed |= !error.Failed && inward.Advance(questions[2].revents, questions[3].revents);
            if (progressed)
                idle.Restart();
            else if (idle.IsOver)
                return Outcome.Exit(ExitCode.Refused);
        }
        return Outcome.Exit(outward.HasFailed || inward.HasFailed ? ExitCode.System : ExitCode.Success);
    }
}
