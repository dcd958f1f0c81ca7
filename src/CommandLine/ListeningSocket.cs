using System;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.CommandLine;

/// <summary>
/// How a server that accepts on descriptor 0 begins: it checks what it was given before it says on descriptor 1, or to its manager, that it is
/// ready (specification, decision 11).
/// </summary>
internal static class ListeningSocket
{
    /// <summary>The descriptor.</summary>
    internal const int Number = libc.STDIN_FILENO;

    private const int LongestAnnouncement = 8; // a port and a newline

    // What a server and its gates need, and half as much again.
    private const ulong SmallestStack = 9 * 1024;

    /// <summary>
    /// Checks that descriptor 0 is a stream socket of the right kind that listens, and makes it close-on-exec and non-blocking: another server that has it
    /// too may accept the client that this one was woken for. And checks that descriptor 1 is there if readiness is to be announced.
    /// </summary>
    /// <param name="isUnix">Whether it is to be a Unix domain socket; else one of IPv4 or IPv6.</param>
    /// <param name="announcesReadiness">Whether descriptor 1 is needed.</param>
    /// <param name="fromManager">Whether a service manager has opened it as descriptor 3: that is put in the place of descriptor 0 first.</param>
    /// <param name="environment">The environment, which says so then.</param>
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
    /// <param name="text">What is written: a newline at least.</param>
    internal static void AnnounceReadiness(int descriptor, ReadOnlySpan<byte> text)
    {
        var line = new Line(descriptor, stackalloc byte[LongestAnnouncement]);
        line.Add(text);
        line.Flush();
    }

    /// <summary>
    /// Closes descriptor 1, and at once gives its number to a descriptor of the server: no connection may ever have a standard number
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

    /// <summary>Whether a client waits to be accepted. True when that can't be told.</summary>
    internal static unsafe bool HasClient
    {
        get
        {
            var question = new pollfd { fd = Number, events = LibC.POLLIN };
            return LibC.poll(&question, 1, 0) != 0;
        }
    }

    /// <summary>
    /// Closes the socket, which nobody accepts from any more, and leaves its number to another descriptor of the server. Clients whom nobody
    /// has accepted may have sent descriptors, so nothing waits for it. When descriptors have run out the socket stays.
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
