using System;
using LocalService.CommandLine;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Server;

/// <summary>The log lines of s6-ipcserverd, each in one write. Specification "server", section 4.6.</summary>
internal readonly unsafe struct ServerLog(DaemonOptions daemon)
{
    // Longest text around the numbers of a line, and a program name cut to a size that any log takes whole.
    private const int BufferSize = 2048;
    private const int LongestName = 1024;

    private readonly uint verbosity = daemon.Verbosity;
    private readonly uint maximum = daemon.MaximumConnections;
    private readonly uint maximumPerUser = daemon.MaximumPerUser;
    private readonly bool lookups = daemon.Lookups;

    private bool Verbose => verbosity >= 2;

    internal void Starting() => Event("starting"u8);

    internal void Exiting() => Event("exiting"u8);

    /// <summary>A signal arrived that the server answers with more than bookkeeping.</summary>
    internal void Received(int signal)
    {
        switch (signal)
        {
            case libc.SIGTERM: Event("received SIGTERM, quitting"u8); break;
            case libc.SIGHUP: Event("received SIGHUP, sending SIGTERM+SIGCONT to all connections"u8); break;
            case libc.SIGQUIT: Event("received SIGQUIT, sending SIGTERM+SIGCONT to all connections and quitting"u8); break;
            case libc.SIGABRT: Event("received SIGABRT, sending SIGKILL to all connections and quitting"u8); break;
        }
    }

    /// <summary>How many connections there are, at verbosity 2.</summary>
    internal void Status(uint count)
    {
        if (Verbose)
            RequestedStatus(count);
    }

    /// <summary>How many connections there are, because somebody asked: at any verbosity.</summary>
    internal void RequestedStatus(uint count)
    {
        Line line = Begin(stackalloc byte[BufferSize], "info: status: "u8);
        line.Add(count);
        line.Add("/"u8);
        line.Add(maximum);
        line.End();
    }

    /// <summary>A connection is served. The number counts this one.</summary>
    internal void Allow(PeerCredentials client, int pid, uint number)
    {
        if (!Verbose)
            return;
        Line line = Begin(stackalloc byte[BufferSize], "info: allow "u8);
        AddIds(ref line, client);
        line.Add(" pid "u8);
        line.Add((ulong)pid);
        AddCount(ref line, number);
        line.End();
    }

    /// <summary>A connection is refused because its user has too many. The number doesn't count this one. Verbosity 1 (decision 12).</summary>
    internal void Deny(PeerCredentials client, uint number)
    {
        if (verbosity == 0)
            return;
        Line line = Begin(stackalloc byte[BufferSize], "info: deny "u8);
        AddIds(ref line, client);
        AddCount(ref line, number);
        line.End();
    }

    /// <summary>A child ended, with a status of wait(2).</summary>
    internal void End(int pid, uint user, int waitStatus)
    {
        if (!Verbose)
            return;
        Line line = Begin(stackalloc byte[BufferSize], "info: end pid "u8);
        line.Add((ulong)pid);
        line.Add(" uid "u8);
        AddId(ref line, user);
        int signal = waitStatus & 0x7F;
        line.Add(signal == 0 ? " exitcode "u8 : " signal "u8);
        line.Add(signal == 0 ? (ulong)((waitStatus >> 8) & 0xFF) : (ulong)signal);
        line.End();
    }

    /// <summary>The server ends before the gates of some clients have answered. Nothing for none; verbosity 1.</summary>
    internal void GivenUp(uint clients)
    {
        if (verbosity == 0 || clients == 0)
            return;
        Line line = Begin(stackalloc byte[BufferSize], "warning: clients given up because their gates did not answer: "u8);
        line.Add(clients);
        line.End();
    }

    /// <summary><c>warning: unable to DO: ERRNO TEXT</c>, at verbosity 1. A name that is very long is cut.</summary>
    internal void Unable(ReadOnlySpan<byte> action, ReadOnlySpan<byte> name, Errno error)
    {
        if (verbosity == 0)
            return;
        Line line = Begin(stackalloc byte[BufferSize], "warning: unable to "u8);
        line.Add(action);
        line.Add(name.Length > LongestName ? name[..LongestName] : name);
        line.Add(": "u8);
        line.Add(error.Text);
        line.End();
    }

    private void Event(ReadOnlySpan<byte> text)
    {
        if (!Verbose)
            return;
        Line line = Begin(stackalloc byte[BufferSize], "info: "u8);
        line.Add(text);
        line.End();
    }

    /// <summary>A new line, after one that tells of lines which the reader of the log was too slow for.</summary>
    private static Line Begin(Span<byte> buffer, ReadOnlySpan<byte> text)
    {
        var line = new Line(libc.STDERR_FILENO, buffer);
        if (StandardError.Dropped > 0)
        {
            line.Add("s6-ipcserverd: warning: "u8);
            line.Add(StandardError.Dropped);
            line.Add(" log lines were lost because nobody read them\n"u8);
        }
        line.Add("s6-ipcserverd: "u8);
        line.Add(text);
        return line;
    }

    private void AddIds(ref Line line, PeerCredentials client)
    {
        AddId(ref line, client.UserId);
        line.Add(":"u8);
        AddId(ref line, client.GroupId);
    }

    private void AddId(ref Line line, uint id)
    {
        if (lookups)
            line.Add(id);
        else
            line.Add("?"u8);
    }

    private void AddCount(ref Line line, uint number)
    {
        line.Add(" count "u8);
        AddId(ref line, number);
        line.Add("/"u8);
        line.Add(maximumPerUser);
    }
}
