using System;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.CommandLine;

/// <summary>
/// The messages between a service manager and a daemon, as in systemd: sockets that are open already (LISTEN_FDS, sd_listen_fds(3)), and
/// whether the daemon is ready or stops (NOTIFY_SOCKET, sd_notify(3)). The daemon doesn't pass these variables on to its children.
/// </summary>
internal static unsafe class ServiceManager
{
    /// <summary>The first descriptor of a socket; others follow it.</summary>
    internal const int FirstSocket = libc.STDERR_FILENO + 1;

    /// <summary>The message to the manager when clients are served.</summary>
    internal static ReadOnlySpan<byte> Ready => "READY=1"u8;

    /// <summary>The message to the manager when the daemon begins to end.</summary>
    internal static ReadOnlySpan<byte> Stopping => "STOPPING=1"u8;

    // A manager that doesn't take a message within this time gets none: the sockets are served anyway.
    private const long LongestWait = 5_000;

    private static CString notified; // the value of NOTIFY_SOCKET; null if it isn't set

    /// <summary>
    /// Counts the sockets that the manager has opened for this process, and removes the variables about them from the environment. It is an error,
    /// exit code 100, if there are none, or if they belong to another process.
    /// </summary>
    /// <param name="environment">The environment.</param>
    /// <param name="most">The largest number allowed.</param>
    /// <param name="count">Gets the number: 1 or more.</param>
    /// <param name="diagnostics">The messages of the role.</param>
    internal static Outcome CountSockets(ref EnvironmentBlock environment, uint most, out uint count, Diagnostics diagnostics)
    {
        Outcome outcome = ReadNumber(environment, "LISTEN_PID"u8, out uint process, diagnostics);
        count = 0;
        if (outcome.Code == ExitCode.Success)
            outcome = ReadNumber(environment, "LISTEN_FDS"u8, out count, diagnostics);
        if (outcome.Code != ExitCode.Success)
            return outcome;
        Span<byte> text = stackalloc byte[Numbers.LongestText];
        if (process != (uint)libc.getpid())
            return diagnostics.Fatal(ExitCode.Usage, "the sockets of LISTEN_FDS are those of another process: "u8, Numbers.Decimal(process, text));
        if (count == 0 || count > most)
            return diagnostics.Fatal(ExitCode.Usage, most == 1 ? "LISTEN_FDS must be 1, one socket, and is "u8 : "too few or too many sockets in LISTEN_FDS: "u8, Numbers.Decimal(count, text));
        environment.Unset("LISTEN_PID"u8);
        environment.Unset("LISTEN_FDS"u8);
        environment.Unset("LISTEN_FDNAMES"u8);
        environment.Unset("LISTEN_PIDFDID"u8);
        return outcome;
    }

    /// <summary>Moves the one socket that the manager has opened to standard input.</summary>
    internal static Outcome TakeSocket(ref EnvironmentBlock environment, Diagnostics diagnostics)
    {
        Outcome outcome = CountSockets(ref environment, most: 1, out _, diagnostics);
        if (outcome.Code != ExitCode.Success)
            return outcome;
        int placed;
        do
            placed = libc.dup3(FirstSocket, libc.STDIN_FILENO, LibC.O_CLOEXEC);
        while (Errno.Interrupted(placed));
        if (placed < 0)
            return diagnostics.Fatal(Errno.Last, "unable to take descriptor 3"u8);
        _ = libc.close(FirstSocket);
        StandardDescriptors.InputReplaced();
        return outcome;
    }

    /// <summary>Removes the manager's address from the environment and keeps it for <see cref="Tell"/>.</summary>
    internal static void TakeNotifySocket(ref EnvironmentBlock environment)
    {
        byte* entry = environment.EntryOf("NOTIFY_SOCKET"u8);
        if (entry == null)
            return;
        notified = entry + "NOTIFY_SOCKET="u8.Length;
        environment.Unset("NOTIFY_SOCKET"u8);
    }

    /// <summary>Notifies the manager, if it asked for that. A failure doesn't concern clients: it is only a warning.</summary>
    /// <param name="state"><see cref="Ready"/> or <see cref="Stopping"/>.</param>
    /// <param name="verbosity">At 1 or higher there are warnings.</param>
    /// <param name="diagnostics">The messages of the role.</param>
    internal static void Tell(ReadOnlySpan<byte> state, uint verbosity, Diagnostics diagnostics)
    {
        if (notified.IsNull)
            return;
        Errno error = Send(Bytes.OfC(notified), state);
        if (error.Failed && verbosity > 0)
            diagnostics.Warning(error, "unable to notify "u8, Bytes.OfC(notified), " of "u8, state);
    }

    private static Errno Send(ReadOnlySpan<byte> path, ReadOnlySpan<byte> state)
    {
        // A relative path, or an address of another family.
        if (path.IsEmpty || path[0] is not ((byte)'/' or (byte)'@'))
            return new Errno(libc.EAFNOSUPPORT);
        Result<UnixAddress> address = UnixAddress.Of(path);
        if (address.Failed)
            return address.Error;
        using var socket = new Descriptor(libc.socket(libc.AF_UNIX, libc.SOCK_DGRAM | libc.SOCK_CLOEXEC, 0));
        Errno error = Errno.Of(socket.Number)
            && UnixConnect.LimitSending(socket.Number, LongestWait)
            && address.Value.Connect(socket.Number);
        if (error.Failed)
            return error;
        nint written;
        fixed (byte* text = state)
        {
            do
                written = libc.write(socket.Number, text, (nuint)state.Length);
            while (Errno.Interrupted(written));
        }
        return Errno.Of(written);
    }

    private static Outcome ReadNumber(in EnvironmentBlock environment, ReadOnlySpan<byte> name, out uint number, Diagnostics diagnostics)
    {
        number = 0;
        if (!environment.TryGet(name, out ReadOnlySpan<byte> value))
            return diagnostics.Fatal(ExitCode.Usage, name, " not set"u8);
        return Numbers.TryParse(value, out number) ? Outcome.Exit(ExitCode.Success) : diagnostics.Fatal(ExitCode.Usage, "invalid $"u8, name);
    }
}
