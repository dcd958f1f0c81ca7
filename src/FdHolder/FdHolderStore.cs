using System;
using LocalService.CommandLine;
using LocalService.Posix;

namespace LocalService.FdHolder;

/// <summary>Specification "fdholder", section 6.</summary>
internal readonly unsafe struct FdHolderStore : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-fdholder-store"u8;
    public static ReadOnlySpan<byte> Usage => "[ -d fd ] [ -t timeout ] [ -T fdtimeout ] socket id"u8;
    public static ReadOnlySpan<byte> Summary => "give a descriptor holder an open descriptor to hold under a name"u8;

    public static Outcome Run(Invocation invocation)
    {
        var diagnostics = new Diagnostics(Program);
        HolderConnection* connection = HolderConnection.Open(invocation.Words, diagnostics, Usage, "d:t:T:"u8, 2, out HolderClientOptions options);
        if (connection == null)
            return Outcome.Exit(options.ExitCode);
        TaiDate now = TaiDate.Now;
        Span<byte> expiry = stackalloc byte[TaiDate.PackedSize];
        (options.Lifetime == 0 ? now.Never : now.PlusMilliseconds(options.Lifetime)).Pack(expiry);
        connection->Begin(RequestKind.Store);
        connection->Add(expiry);
        connection->AddName(options.Arguments[1]);
        connection->AddDescriptor(options.Descriptor);
        return Outcome.Exit(connection->Close(connection->Ask(1, 0, out _), diagnostics, "unable to store fd"u8));
    }
}
