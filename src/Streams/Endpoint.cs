using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Streams;

/// <summary>
/// A source or sink of data: a descriptor that is shared with other processes. Access never blocks, but doesn't set O_NONBLOCK, because that flag
/// belongs to the open file and so to those processes too.
/// </summary>
internal unsafe struct Endpoint
{
    // POSIX: a pipe that is writable according to poll(2) takes this much at once.
    private const int NarrowWrite = 4096;
    private readonly bool isFifo;
    private readonly bool isUnixStream;
    private EndpointAccess access;

    private Endpoint(int number, FileStatus status)
    {
        Number = number;
        isFifo = status.IsFifo;
        if (status.IsSocket)
        {
            access = EndpointAccess.Socket;
            isUnixStream = Option(libc.SO_DOMAIN) == libc.AF_UNIX && Option(libc.SO_TYPE) == libc.SOCK_STREAM;
        }
        else if (isFifo)
            access = EndpointAccess.NoWait;
        else if (status.IsRegular)
            access = EndpointAccess.Plain;
        else if (libc.isatty(number) == 0)
            access = EndpointAccess.Polled;
        else
            access = TryOpenAnew(status) ? EndpointAccess.Plain : EndpointAccess.PolledNarrow;
    }

    /// <summary>The number, or -1 when closed.</summary>
    internal int Number { get; private set; }

    /// <summary>Whether <see cref="Read"/> and <see cref="Write"/> could block without a poll(2) before each.</summary>
    internal readonly bool NeedsPoll => access is EndpointAccess.Polled or EndpointAccess.PolledNarrow;

    /// <summary>The endpoint at an open descriptor.</summary>
    internal static Result<Endpoint> Of(int number)
    {
        Result<FileStatus> status = FileStatus.OfDescriptor(number);
        return status.Failed ? status.Error : new Endpoint(number, status.Value);
    }

    /// <summary>
    /// Whether splice(2) can move data from one to the other without blocking: into a pipe, from a pipe or a Unix stream. With other
    /// sockets as the source SPLICE_F_NONBLOCK only applies to the pipe, and a socket as the sink ignores it.
    /// </summary>
    internal static bool CanSplice(Endpoint source, Endpoint sink) => sink.isFifo && (source.isFifo || source.isUnixStream);

    /// <summary>Reads available data. 0 at the end; EAGAIN when there is none yet.</summary>
    internal Result<int> Read(Span<byte> buffer)
    {
        fixed (byte* target = buffer)
        {
            nint count;
            do
                count = ReadOnce(target, (nuint)buffer.Length);
            while (Errno.Interrupted(count));
            return Outcome(count);
        }
    }

    /// <summary>Writes as much as fits. EAGAIN when nothing does.</summary>
    internal Result<int> Write(ReadOnlySpan<byte> data)
    {
        fixed (byte* text = data)
        {
            nint count;
            do
                count = WriteOnce(text, (nuint)data.Length);
            while (Errno.Interrupted(count));
            return Outcome(count);
        }
    }

    /// <summary>Moves up to that many bytes inside the kernel. 0 at the end of the source; EAGAIN if it is empty or the sink is full.</summary>
    internal static Result<int> Splice(Endpoint source, Endpoint sink, int length)
    {
        nint count;
        do
            count = (nint)LibC.splice(source.Number, null, sink.Number, null, length, (uint)(LibC.SPLICE_F_NONBLOCK | LibC.SPLICE_F_MOVE));
        while (Errno.Interrupted(count));
        return Outcome(count);
    }

    /// <summary>Whether <see cref="Read"/> won't block now.</summary>
    internal readonly bool CanReadNow
    {
        get
        {
            var question = new pollfd { fd = Number, events = LibC.POLLIN };
            return !NeedsPoll || LibC.poll(&question, 1, 0) > 0;
        }
    }

    /// <summary>
    /// Whether a program feeds it, not a file or a person. The program may not have got to its first write yet.
    /// </summary>
    internal readonly bool IsFedByProgram => isFifo || access == EndpointAccess.Socket;

    /// <summary>
    /// Takes and clears the pending error of a socket, SO_ERROR, socket(7): ECONNRESET if its peer has closed without reading
    /// everything. No error for anything but a socket.
    /// </summary>
    internal readonly Errno TakePendingError()
    {
        int error = access == EndpointAccess.Socket ? Option(libc.SO_ERROR) : 0;
        return error > 0 ? new Errno(error) : default;
    }

    /// <summary>Ends reading. A socket is shut down first, since other copies of the descriptor keep it open.</summary>
    internal void CloseSource() => Close(libc.SHUT_RD);

    /// <summary>Ends writing. A socket is shut down first, so that the peer sees the end of the data now.</summary>
    internal void CloseSink() => Close(libc.SHUT_WR);

    private void Close(int direction)
    {
        if (access == EndpointAccess.Socket)
            _ = libc.shutdown(Number, direction);
        _ = libc.close(Number);
        Number = -1;
    }

    private nint ReadOnce(byte* target, nuint size)
    {
        switch (access)
        {
            case EndpointAccess.Socket:
                return libc.recv(Number, target, size, libc.MSG_DONTWAIT);
            case EndpointAccess.NoWait:
                var vector = new libc.iovec { iov_base = target, iov_len = size };
                return CheckNoWait(libc.preadv2(Number, &vector, 1, libc.RWF_NOWAIT));
            default:
                return libc.read(Number, target, size);
        }
    }

    private nint WriteOnce(byte* text, nuint size)
    {
        switch (access)
        {
            case EndpointAccess.Socket:
                return libc.send(Number, text, size, libc.MSG_DONTWAIT | libc.MSG_NOSIGNAL);
            case EndpointAccess.NoWait:
                var vector = new libc.iovec { iov_base = text, iov_len = size };
                return CheckNoWait(libc.pwritev2(Number, &vector, 1, libc.RWF_NOWAIT));
            case EndpointAccess.PolledNarrow:
                return libc.write(Number, text, size > NarrowWrite ? NarrowWrite : size);
            default:
                return libc.write(Number, text, size);
        }
    }

    /// <summary>
    /// Kernels before 6.4 don't support the flag for pipes, later ones not for a spliced pipe. Then poll(2) has to be asked: EAGAIN.
    /// </summary>
    private nint CheckNoWait(nint count)
    {
        if (count < 0 && Errno.Last.MeansMissingCall)
        {
            access = EndpointAccess.PolledNarrow;
            libc.errno = libc.EAGAIN;
        }
        return count;
    }

    /// <summary>
    /// Opens a terminal a second time, non-blocking, and replaces the descriptor with that: this process gets its own flags.
    /// A terminal takes as little as one byte after poll(2) has called it writable, and has no call that doesn't wait.
    /// </summary>
    private readonly bool TryOpenAnew(FileStatus status)
    {
        int mode = LibC.fcntl(Number, LibC.F_GETFL, 0);
        if (mode < 0 || status.IsPseudoTerminalMultiplexer)
            return false;
        int flags = (mode & LibC.O_ACCMODE) | LibC.O_NONBLOCK | LibC.O_NOCTTY | LibC.O_CLOEXEC;
        fixed (byte* path = DescriptorPath.Of(Number, stackalloc byte[DescriptorPath.BufferSize]))
        {
            using var opened = new Descriptor(LibC.open(path, flags, 0));
            return opened.Number >= 0 && libc.dup2(opened.Number, Number) == Number;
        }
    }

    private readonly int Option(int name) => SocketOption.Of(Number, name);

    private static Result<int> Outcome(nint count) => count < 0 ? Errno.Last : (int)count;
}

/// <summary>How access to an <see cref="Endpoint"/> avoids blocking.</summary>
internal enum EndpointAccess : byte
{
    /// <summary>Never blocks: a regular file, a terminal that was opened again.</summary>
    Plain,

    /// <summary>Each call has the flag MSG_DONTWAIT.</summary>
    Socket,

    /// <summary>Each call has the flag RWF_NOWAIT: a pipe.</summary>
    NoWait,

    /// <summary>Used only after poll(2) reports it ready: a device.</summary>
    Polled,

    /// <summary>
    /// Used only after poll(2) reports it ready, and written to in small amounts: a pipe without support for RWF_NOWAIT; a terminal that could
    /// not be opened again, where even small amounts may wait.
    /// </summary>
    PolledNarrow,
}
