using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;
using LocalService.Streams;

namespace LocalService.Client;

/// <summary>Specification "client", section 3, with decision 15.</summary>
internal readonly unsafe struct IoConnect : IRole
{
    // A processor keeps this much in its cache between read and write, and the writer of the source can go on meanwhile: twice as fast as with
    // the whole capacity of a pipe.
    private const int BufferSize = 16 * 1024;

    public static ReadOnlySpan<byte> Program => "s6-ioconnect"u8;
    public static int ManualSection => 1;
    public static ReadOnlySpan<byte> Summary => "copy standard input to a connection and the connection to standard output"u8;

    public static ReadOnlySpan<byte> Declaration =>
        """
        -t --timeout=timeout  end after this many milliseconds without progress; 0, the default: no limit
        -e --end-with-peer  end when the peer has finished sending, without waiting for the end of standard input
        -r --read-descriptor=fdr  the descriptor to read the connection from, at least 3; 6 by default
        -w --write-descriptor=fdw  the descriptor to write the connection to, at least 3; 7 by default
        -0
        -1
        -6
        -7
        """u8;

    public static Outcome Run(Invocation invocation)
    {
        var diagnostics = new Diagnostics(Program);
        var reader = new OptionReader(invocation.Words, Declaration);
        IoConnectOptions options = IoConnectOptions.Read(ref reader);
        if (reader.IsWrong)
            return diagnostics.Usage(reader);
        if (!TryOpen(libc.STDIN_FILENO, out Endpoint input, diagnostics, out Outcome failure)
            || !TryOpen(options.WriteDescriptor, out Endpoint write, diagnostics, out failure)
            || !TryOpen(options.ReadDescriptor, out Endpoint read, diagnostics, out failure)
            || !TryOpen(libc.STDOUT_FILENO, out Endpoint output, diagnostics, out failure))
            return failure;

        BeInterruptible();
        var outward = new Direction(input, write, NewBuffer(), diagnostics) { SinkIsPeer = true };
        var inward = new Direction(read, output, NewBuffer(), diagnostics);
        return CopyLoop.Run(ref outward, ref inward, options, diagnostics);
    }

    private static bool TryOpen(int number, out Endpoint endpoint, Diagnostics diagnostics, out Outcome failure)
    {
        Result<Endpoint> opened = UserDescriptor.IsOpen(number) ? Endpoint.Of(number) : new Errno(libc.EBADF);
        endpoint = opened.Failed ? default : opened.Value;
        failure = opened.Failed
            ? diagnostics.Fatal(opened.Error, "unable to fstat fd "u8, Numbers.Decimal((ulong)number, stackalloc byte[Numbers.LongestText]))
            : default;
        return !opened.Failed;
    }

    /// <summary>
    /// A missing reader becomes an error of write(2) and doesn't end the process; every other signal acts, even if blocked at start.
    /// </summary>
    private static void BeInterruptible()
    {
        _ = libc.signal(libc.SIGPIPE, libc.SIG_IGN);
        libc.sigset_t none = default;
        _ = libc.sigprocmask(libc.SIG_SETMASK, &none, null);
    }

    private static Span<byte> NewBuffer() => new(Arena.Allocate(BufferSize), BufferSize);
}
