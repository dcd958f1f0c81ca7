using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Server;

/// <summary>The log lines of a server, each in one write. Specification "server", section 4.6, and "tcp", section 3.4.</summary>
/// <typeparam name="TPeer">The clients.</typeparam>
internal readonly struct ServerLog<TPeer>(DaemonOptions daemon)
    where TPeer : unmanaged, IPeer<TPeer>
{
    // Longest text around the numbers of a line, and a program name cut to a size that any log takes whole.
    private const int BufferSize = 2048;
    private const int LongestName = 1024;

    private readonly DaemonOptions options = daemon;

    private bool Verbose => options.Verbosity >= 2;

    /// <summary>The server begins.</summary>
    /// <param name="details">Further details about it.</param>
    internal void Starting(ReadOnlySpan<byte> details) => Event("starting"u8, details);

    /// <summary>A child has lived for too long, and gets a signal.</summary>
    internal void Overdue(int pid, bool isKilled)
    {
        if (!Verbose)
            return;
        Line line = Begin(stackalloc byte[BufferSize], "info: pid "u8);
        line.Add((ulong)pid);
        line.Add(" has taken too long, sending "u8, isKilled ? "SIGKILL"u8 : TPeer.BothSignals);
        line.End();
    }

    /// <summary>The server ends because nobody has been connected for long enough.</summary>
    internal void Useless() => Event("nobody has been connected for long enough, quitting"u8);

    internal void Exiting() => Event("exiting"u8);

    /// <summary>A signal arrived that the server answers with more than bookkeeping.</summary>
    internal void Received(int signal)
    {
        switch (signal)
        {
            case libc.SIGTERM: Event("received SIGTERM, quitting"u8); break;
            case libc.SIGHUP: Event("received SIGHUP, sending "u8, TPeer.BothSignals, " to all connections"u8); break;
            case libc.SIGQUIT: Event("received SIGQUIT, sending "u8, TPeer.BothSignals, " to all connections and quitting"u8); break;
            case libc.SIGUSR2: Event("received SIGUSR2, serving the clients that are here and quitting"u8); break;
            case libc.SIGABRT: Event("received SIGABRT, sending SIGKILL to all connections and quitting"u8); break;
        }
    }

    /// <summary>How many connections there are, at verbosity 2.</summary>
    internal void Status(uint count)
    {
        if (Verbose)
            RequestedStatus(count);
    }

    /// <summary>How many connections there are, on request: at any verbosity.</summary>
    internal void RequestedStatus(uint count)
    {
        Line line = Begin(stackalloc byte[BufferSize], "info: status: "u8);
        line.Add(count);
        line.Add("/"u8);
        line.Add(options.MaximumConnections);
        line.End();
    }

    /// <summary>A connection is served. The number counts this one.</summary>
    internal void Allow(in TPeer client, int pid, uint number)
    {
        if (!Verbose)
            return;
        Line line = Begin(stackalloc byte[BufferSize], "info: "u8);
        line.Add(TPeer.Accepted);
        client.AddTo(ref line, options);
        line.Add(" pid "u8);
        line.Add((ulong)pid);
        AddCount(ref line, number);
        line.End();
    }

    /// <summary>A connection is refused because its client has too many. The number doesn't count this one. Verbosity 1 (decision 12).</summary>
    internal void Deny(in TPeer client, uint number)
    {
        if (options.Verbosity == 0)
            return;
        Line line = Begin(stackalloc byte[BufferSize], "info: "u8);
        line.Add(TPeer.Rejected);
        client.AddTo(ref line, options);
        AddCount(ref line, number);
        line.End();
    }

    /// <summary>A child ended, with a status of wait(2). The number is how many connections its client has left.</summary>
    internal void End(int pid, ClientKey client, int waitStatus, uint left)
    {
        if (!Verbose)
            return;
        Line line = Begin(stackalloc byte[BufferSize], "info: end pid "u8);
        line.Add((ulong)pid);
        TPeer.AddToEnd(ref line, client, options);
        int signal = waitStatus & 0x7F;
        line.Add(signal == 0 ? " exitcode "u8 : " signal "u8);
        line.Add(signal == 0 ? (ulong)((waitStatus >> 8) & 0xFF) : (ulong)signal);
        TPeer.AddLeft(ref line, left, options);
        line.End();
    }

    /// <summary>The server ends before the gates of some clients have answered. Nothing is written for none; verbosity 1.</summary>
    internal void GivenUp(uint clients)
    {
        if (options.Verbosity == 0 || clients == 0)
            return;
        Line line = Begin(stackalloc byte[BufferSize], "warning: clients given up because their gates did not answer: "u8);
        line.Add(clients);
        line.End();
    }

    /// <summary><c>warning: unable to DO: ERRNO TEXT</c>, at verbosity 1. A name that is very long is cut.</summary>
    internal void Unable(ReadOnlySpan<byte> action, ReadOnlySpan<byte> name, Errno error)
    {
        if (options.Verbosity == 0)
            return;
        Line line = Begin(stackalloc byte[BufferSize], "warning: unable to "u8);
        line.Add(action);
        line.Add(name.Length > LongestName ? name[..LongestName] : name);
        line.Add(": "u8);
        line.Add(error.Text);
        line.End();
    }

    private void Event(ReadOnlySpan<byte> text, ReadOnlySpan<byte> more = default, ReadOnlySpan<byte> last = default)
    {
        if (!Verbose)
            return;
        Line line = Begin(stackalloc byte[BufferSize], "info: "u8);
        line.Add(text);
        line.Add(more);
        line.Add(last);
        line.End();
    }

    /// <summary>Begins a line. If lines were lost because the reader of the log was too slow, a line about these comes first.</summary>
    private static Line Begin(Span<byte> buffer, ReadOnlySpan<byte> text)
    {
        var line = new Line(libc.STDERR_FILENO, buffer);
        if (StandardError.Dropped > 0)
        {
            line.Add(TPeer.Daemon);
            line.Add(": warning: "u8);
            line.Add(StandardError.Dropped);
            line.Add(" log lines were lost because nobody read them\n"u8);
        }
        line.Add(TPeer.Daemon);
        line.Add(": "u8);
        line.Add(text);
        return line;
    }

    // Without lookups the server doesn't know which client has how many of these.
    private void AddCount(ref Line line, uint number)
    {
        line.Add(" count "u8);
        if (options.Lookups)
            line.Add(number);
        else
            line.Add("?"u8);
        line.Add("/"u8);
        line.Add(options.MaximumPerClient);
    }
}
