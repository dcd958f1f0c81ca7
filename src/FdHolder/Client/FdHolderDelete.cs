using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Posix;

namespace LocalService.FdHolder;

/// <summary>Specification "fdholder", section 6.</summary>
internal readonly unsafe struct FdHolderDelete : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-fdholder-delete"u8;
    public static int ManualSection => 1;
    public static ReadOnlySpan<byte> Summary => "have a descriptor holder close the descriptor that it holds under a name"u8;

    public static ReadOnlySpan<byte> Declaration =>
        """
        -t --timeout=timeout  overall time limit in milliseconds; 0, the default: no limit
        socket  the socket of the holder
        id  the name of the descriptor
        """u8;

    public static Outcome Run(Invocation invocation)
    {
        var diagnostics = new Diagnostics(Program);
        var reader = new OptionReader(invocation.Words, Declaration);
        HolderClientOptions options = HolderClientOptions.Read(ref reader);
        ReadOnlySpan<byte> name = reader.Operand();
        if (reader.IsWrong)
            return diagnostics.Usage(reader);
        HolderConnection* connection = HolderConnection.Open(diagnostics, options);
        if (connection == null)
            return Outcome.Exit(ExitCode.System);
        connection->Begin(RequestKind.Delete);
        connection->AddName(name);
        Errno error = connection->Ask(1, 0, out _);
        return Outcome.Exit(connection->Close(error, diagnostics, "unable to delete fd for id "u8, name));
    }
}
