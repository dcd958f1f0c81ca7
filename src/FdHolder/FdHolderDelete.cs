using System;
using LocalService.CommandLine;
using LocalService.Posix;

namespace LocalService.FdHolder;

/// <summary>Specification "fdholder", section 6.</summary>
internal readonly unsafe struct FdHolderDelete : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-fdholder-delete"u8;
    public static ReadOnlySpan<byte> Usage => "[ -t timeout ] socket id"u8;
    public static ReadOnlySpan<byte> Summary => "have a descriptor holder close what it holds under a name"u8;

    public static Outcome Run(Invocation invocation)
    {
        var diagnostics = new Diagnostics(Program);
        HolderConnection* connection = HolderConnection.Open(invocation.Words, diagnostics, Usage, "t:"u8, 2, out HolderClientOptions options);
        if (connection == null)
            return Outcome.Exit(options.ExitCode);
        ReadOnlySpan<byte> name = options.Arguments[1];
        connection->Begin(RequestKind.Delete);
        connection->AddName(name);
        Errno error = connection->Ask(1, 0, out _);
        return Outcome.Exit(connection->Close(error, diagnostics, "unable to delete fd for id "u8, name));
    }
}
