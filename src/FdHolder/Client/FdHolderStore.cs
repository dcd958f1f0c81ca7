using System;
using LocalService.CommandLine;
using LocalService.Posix;

namespace LocalService.FdHolder;

/// <summary>Specification "fdholder", section 6.</summary>
internal readonly unsafe struct FdHolderStore : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-fdholder-store"u8;
    public static int ManualSection => 1;
    public static ReadOnlySpan<byte> Summary => "store an open descriptor in a descriptor holder under a name"u8;

    public static ReadOnlySpan<byte> Declaration =>
        """
        -d --descriptor=fd  the descriptor to store; 0, standard input, by default
        -t --timeout=timeout  overall time limit in milliseconds; 0, the default: no limit
        -T --lifetime=fdtimeout  how many milliseconds to hold it; 0, the default: forever
        socket  the socket of the holder
        id  the name of the descriptor
        """u8;

    public static Outcome Run(Invocation invocation) => Run(invocation, Program, RequestKind.Store, "unable to store fd"u8);

    /// <summary>Sends a descriptor to the holder.</summary>
    /// <param name="invocation">The invocation of the role.</param>
    /// <param name="program">The name of the role.</param>
    /// <param name="kind">The request to the holder.</param>
    /// <param name="failure">The message when the holder refuses.</param>
    internal static Outcome Run(Invocation invocation, ReadOnlySpan<byte> program, RequestKind kind, ReadOnlySpan<byte> failure)
    {
        var diagnostics = new Diagnostics(program);
        var reader = new OptionReader(invocation.Words, Declaration);
        HolderClientOptions options = HolderClientOptions.Read(ref reader);
        ReadOnlySpan<byte> name = reader.Operand();
        if (reader.IsWrong)
            return diagnostics.Usage(reader);
        HolderConnection* connection = HolderConnection.Open(diagnostics, options);
        if (connection == null)
            return Outcome.Exit(ExitCode.System);
        TaiDate now = TaiDate.Now;
        Span<byte> expiry = stackalloc byte[TaiDate.PackedSize];
        (options.Lifetime == 0 ? now.Never : now.PlusMilliseconds(options.Lifetime)).Pack(expiry);
        connection->Begin(kind);
        connection->Add(expiry);
        connection->AddName(name);
        connection->AddDescriptor(options.Descriptor);
        return Outcome.Exit(connection->Close(connection->Ask(1, 0, out _), diagnostics, failure));
    }
}
