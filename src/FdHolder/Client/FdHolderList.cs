using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Messages;
using LocalService.Posix;

namespace LocalService.FdHolder;

/// <summary>Specification "fdholder", section 6.</summary>
internal readonly unsafe struct FdHolderList : IRole
{
    private const int BufferSize = 4096;

    public static ReadOnlySpan<byte> Program => "s6-fdholder-list"u8;
    public static int ManualSection => 1;
    public static ReadOnlySpan<byte> Summary => "print the names of the descriptors in a descriptor holder"u8;

    public static ReadOnlySpan<byte> Declaration =>
        """
        -l --long  also print kind, address, seconds held, seconds left, and the ids of the client that stored it
        -j --json  print the same as a JSON array
        -t --timeout=timeout  overall time limit in milliseconds; 0, the default: no limit
        socket  the socket of the holder
        """u8;

    public static Outcome Run(Invocation invocation)
    {
        var diagnostics = new Diagnostics(Program);
        var reader = new OptionReader(invocation.Words, Declaration);
        HolderClientOptions options = HolderClientOptions.Read(ref reader);
        if (reader.IsWrong)
            return diagnostics.Usage(reader);
        HolderConnection* connection = HolderConnection.Open(diagnostics, options);
        if (connection == null)
            return Outcome.Exit(ExitCode.System);
        if (options.IsLong || options.IsJson)
            return new LongListing(connection, options.IsJson).Print(diagnostics);
        connection->Begin(RequestKind.List);
        Errno error = connection->Ask(out Message answer);
        NameList names = default;
        if (!error.Failed && (answer.DescriptorCount > 0 || !NameList.TryRead(answer.Data, out names)))
            error = new Errno(libc.EPROTO);
        Errno printed = error.Failed ? default : Print(names);
        int exitCode = connection->Close(error, diagnostics, "unable to get fd list"u8);
        return printed.Failed ? diagnostics.Fatal(printed, "unable to write to stdout"u8) : Outcome.Exit(exitCode);
    }

    private static Errno Print(NameList names)
    {
        var line = new Line(libc.STDOUT_FILENO, stackalloc byte[BufferSize]);
        while (names.TryTakeFirst(out ReadOnlySpan<byte> name))
        {
            QuotedName.Add(ref line, name);
            line.Add("\n"u8);
        }
        line.Flush();
        return line.Error;
    }
}
