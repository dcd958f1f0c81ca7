using System;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.CommandLine;

/// <summary>
/// The start of a server that accepts on descriptor 0: it checks its descriptors before it announces on descriptor 1, or to its manager, that
/// it is ready (specification, decision 11).
/// </summary>
internal static class ListeningSocket
{
    /// <summary>The descriptor.</summary>
    internal const int Number = libc.STDIN_FILENO;

    private const int LongestAnnouncement = 8; // a port and a newline

    // The need of a server and its gates, and half as much again.
    private const ulong SmallestStack = 9 * 1024;

    /// <summary>
    /// Checks that descriptor 0 is a listening stream socket of the right kind, and makes it close-on-exec and non-blocking: another server that
    /// shares the socket may accept the client that woke this one. Also checks that descriptor 1 is open if the server has to announce readiness.
    /// </summary>
    /// <param name="isUnix">Whether a Unix domain socket is expected; else one of IPv4 or IPv6.</param>
    /// <param name="announcesReadiness">Whether descriptor 1 is needed.</param>
    /// <param name="fromManager">Whether a service manager has opened the socket as descriptor 3: it first moves to descriptor 0.</param>
    /// <param name="environment">The environment, which then describes the socket.</param>
    /// <param name="diagnostics">The messages of the role.</param>
    internal static Outcome Check(
        bool isUnix, bool announcesReadiness, bool fromManager, ref EnvironmentBlock environment, Diagnostics diagnostics)
    {
        if (!StackLimit.Leaves(SmallestStack))
            return diagnostics.Fatal(ExitCode.System, StackLimit.TooLow);
        ReadOnlySpan<byte> name = fromManager ? "descriptor 3"u8 : "stdin"u8;
        Outcome taken = fromManager ? ServiceManager.TakeSocket(ref environment, diagnostics) : Outcome.Exit(ExitCode.Success);
        if (taken.Code != ExitCode.Success)
            return taken;
        if (StandardDescriptors.InputMissing)
            return diagnostics.Fatal(new Errno(libc.EBADF), "unable to fstat stdin"u8);
        Result<FileStatus> status = FileStatus.OfDescriptor(Number);
        if (status.Failed)
            return diagnostics.Fatal(status.Error, "unable to fstat "u8, name);
        if (!status.Value.IsSocket)
            return diagnostics.Fatal(ExitCode.Usage, name, " is not a socket"u8);
        if (isUnix && SocketOption.Of(Number, libc.SO_DOMAIN) != libc.AF_UNIX)
            return diagnostics.Fatal(ExitCode.Usage, name, " is not a Unix domain socket"u8);
        if (!isUnix && SocketOption.Of(Number, libc.SO_DOMAIN) != libc.AF_INET && SocketOption.Of(Number, libc.SO_DOMAIN) != libc.AF_INET6)
            return diagnostics.Fatal(ExitCode.Usage, name, " is not an IPv4 or IPv6 socket"u8);
        if (SocketOption.Of(Number, libc.SO_TYPE) != libc.SOCK_STREAM)
            return diagnostics.Fatal(ExitCode.Usage, name, " is not a stream socket"u8);
        if (SocketOption.Of(Number, libc.SO_ACCEPTCONN) != 1)
            return diagnostics.Fatal(ExitCode.Usage, name, " is not a listening socket"u8);
        if (LibC.fcntl(Number, LibC.F_SETFD, LibC.FD_CLOEXEC) < 0)
            return diagnostics.Fatal(Errno.Last, "unable to make socket close-on-exec"u8);
        int flags = LibC.fcntl(Number, LibC.F_GETFL, 0);
        if (flags < 0 || LibC.fcntl(Number, LibC.F_SETFL, flags | LibC.O_NONBLOCK) < 0)
            return diagnostics.Fatal(Errno.Last, "unable to make socket non-blocking"u8);
        if (announcesReadiness && StandardDescriptors.OutputMissing)
        {
            _ = diagnostics.Fatal(new Errno(libc.EBADF), "called with option -1 but stdout said"u8);
            return Outcome.Exit(ExitCode.Usage);
        }
        return Outcome.Exit(ExitCode.Success);
    }

    /// <summary>Writes to a descriptor that the server is ready.</summary>
    /// <param name="descriptor">The descriptor.</param>
    /// <param name="text">The text to write: a newline at least.</param>
    internal static void AnnounceReadiness(int descriptor, ReadOnlySpan<byte> text)
    {
        var line = new Line(descriptor, stackalloc byte[LongestAnnouncement]);
        line.Add(text);
        line.Flush();
    }

    /// <summary>
    /// Closes descriptor 1 and at once reuses its number for a descriptor of the server: no connection may ever have a standard number
    /// (specification "conventions", section 8.3).
    /// </summary>
    internal static Result<int> ReplaceStandardOutput(int descriptor)
    {
        using var original = new Descriptor(descriptor);
        int placed;
        do
            placed = libc.dup3(descriptor, libc.STDOUT_FILENO, LibC.O_CLOEXEC);
        while (Errno.Interrupted(placed));
        return placed < 0 ? Errno.Last : placed;
    }

    /// <summary>Whether a client waits to be accepted. True if poll(2) fails.</summary>
    internal static unsafe bool HasClient
    {
        get
        {
            var question = new pollfd { fd = Number, events = LibC.POLLIN };
            return LibC.poll(&question, 1, 0) != 0;
        }
    }

    /// <summary>
    /// Closes the socket, because nothing accepts from it any more, and reuses its number for another descriptor of the server. Clients that haven't
    /// been accepted may have sent descriptors, so it doesn't wait for the close. If there is no free descriptor, the socket stays.
    /// </summary>
    internal static void Leave(int other)
    {
        int socket = LibC.fcntl(Number, LibC.F_DUPFD_CLOEXEC, libc.STDERR_FILENO + 1);
        if (socket < 0)
            return;
        if (libc.dup3(other, Number, LibC.O_CLOEXEC) >= 0)
            ForeignDescriptors.CloseAtOnce(socket);
        else
            _ = libc.close(socket);
    }
}
