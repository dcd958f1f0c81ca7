using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Messages;
using LocalService.Posix;

namespace LocalService.FdHolder;

/// <summary>Specification "fdholder", section 6.</summary>
internal readonly unsafe struct FdHolderRetrieve : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-fdholder-retrieve"u8;
    public static int ManualSection => 1;
    public static ReadOnlySpan<byte> Summary => "get a descriptor from a descriptor holder, then execute a program with it as standard input"u8;

    public static ReadOnlySpan<byte> Declaration =>
        """
        -D --delete  have the holder close it afterwards
        -t --timeout=timeout  overall time limit in milliseconds; 0, the default: no limit
        socket  the socket of the holder
        id  the name of the descriptor
        prog...  the program to execute, and its arguments
        """u8;

    public static Outcome Run(Invocation invocation)
    {
        var diagnostics = new Diagnostics(Program);
        var reader = new OptionReader(invocation.Words, Declaration);
        HolderClientOptions options = HolderClientOptions.Read(ref reader);
        ReadOnlySpan<byte> name = reader.Operand();
        Words program = reader.Program();
        if (reader.IsWrong)
            return diagnostics.Usage(reader);
        HolderConnection* connection = HolderConnection.Open(diagnostics, options);
        if (connection == null)
            return Outcome.Exit(ExitCode.System);
        connection->Begin(RequestKind.Retrieve);
        connection->Add((byte)(options.Deletes ? 1 : 0));
        connection->AddName(name);
        Errno error = connection->Ask(1, 1, out Message answer);
        using var descriptor = new Descriptor(error.Failed ? -1 : answer.Take(0));
        int exitCode = connection->Close(error, diagnostics, "unable to retrieve fd for id "u8, name);
        if (exitCode != ExitCode.Success)
            return Outcome.Exit(exitCode);
        error = Descriptor.Copy(descriptor.Number, libc.STDIN_FILENO);
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to move the descriptor to standard input"u8);
        StandardDescriptors.InputReplaced();
        return Exec.Into(program, invocation.Environment);
    }
}
