using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Syslog;

/// <summary>
/// Writes the messages of one stream connection, standard input, to standard output, under a super-server. Specification "syslog", section 4,
/// with section 5 and decision 32.
/// </summary>
internal readonly unsafe struct UcspiLogd : IRole
{
    private const uint DefaultLength = 64 * 1024;
    private const uint LargestLength = 64 * 1024 * 1024;
    private const int ChunkSize = 16 * 1024;

    // The length of a sender's stamp, with its blank.
    private const int StampLength = TaiDate.TextLength + 1;

    public static ReadOnlySpan<byte> Program => "s6-ucspilogd"u8;
    public static int ManualSection => 8;
    public static ReadOnlySpan<byte> Summary => "write the messages of the syslog client on standard input to standard output"u8;

    public static ReadOnlySpan<byte> Declaration =>
        """
        -D --default=default  the value of a variable that isn't set; <undefined> by default
        -l --line-length=linelen  maximum length of a message in bytes, at least 76; 65536 by default
        -b --binary  leave control characters, and what isn't UTF-8, as they are
        [ var... ]  variables whose values precede each message
        """u8;

    public static Outcome Run(Invocation invocation)
    {
        ReadOnlySpan<byte> missing = "<undefined>"u8;
        uint longest = DefaultLength;
        Quoting quoting = Quoting.Controls;
        var options = new OptionReader(invocation.Words, Declaration);
        while (options.Next(out char option))
        {
            switch (option)
            {
                case 'D': missing = options.Argument; break;
                case 'l': longest = options.Number(least: 76); break;
                case 'b': quoting = Quoting.None; break;
            }
        }
        if (options.IsWrong)
            return new Diagnostics(Program).Usage(options);
        longest = longest > LargestLength ? LargestLength : longest;
        ReadOnlySpan<byte> prefix = PrefixOf(options.Rest, invocation.Environment, missing);
        return Copy(prefix, (int)longest, quoting);
    }

    /// <summary>The values of the variables, each with a colon and a blank behind it.</summary>
    private static ReadOnlySpan<byte> PrefixOf(Words variables, EnvironmentBlock environment, ReadOnlySpan<byte> missing)
    {
        var prefix = new ByteBuffer();
        for (int i = 0; i < variables.Count; i++)
        {
            bool isSet = environment.TryGet(variables[i], out ReadOnlySpan<byte> value);
            if (prefix.Add(isSet ? value : missing).Failed || prefix.Add(": "u8).Failed)
                Abandon.OutOfMemory();
        }
        return prefix.Content;
    }

    private static Outcome Copy(ReadOnlySpan<byte> prefix, int longest, Quoting quoting)
    {
        var diagnostics = new Diagnostics(Program);
        var records = new RecordSplitter(longest);
        // Each line becomes longer.
        var output = new Line(libc.STDOUT_FILENO, stackalloc byte[2 * ChunkSize]);
        byte* chunk = stackalloc byte[ChunkSize];
        bool isOver = StandardDescriptors.InputMissing;
        Errno error = isOver ? new Errno(libc.EBADF) : default;
        while (!isOver && !error.Failed && !output.Error.Failed)
        {
            Result<int> size = Read(chunk);
            error = size.Error;
            isOver = size.Failed || size.Value == 0;
            var data = new ReadOnlySpan<byte>(chunk, isOver ? 0 : size.Value);
            while (!data.IsEmpty && !error.Failed)
            {
                Result<bool> found = records.Next(ref data, out ReadOnlySpan<byte> record, out bool wasCut);
                error = found.Error;
                if (!error.Failed && found.Value)
                    Add(ref output, prefix, record, wasCut, quoting);
            }
            if (isOver && records.TryTakeRest(out ReadOnlySpan<byte> rest, out bool restWasCut))
                Add(ref output, prefix, rest, restWasCut, quoting);
            output.Flush();
        }
        if (output.Error.Failed)
            return diagnostics.Fatal(output.Error, "unable to write to stdout"u8);
        return error.Failed ? diagnostics.Fatal(error, "unable to read from stdin"u8) : Outcome.Exit(ExitCode.Success);
    }

    private static Result<int> Read(byte* chunk)
    {
        nint size;
        do
            size = libc.read(libc.STDIN_FILENO, chunk, ChunkSize);
        while (Errno.Interrupted(size));
        return size < 0 ? Errno.Last : (int)size;
    }

    private static void Add(ref Line output, ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> record, bool wasCut, Quoting quoting)
    {
        bool isStamped = record.Length >= StampLength && record[0] == (byte)'@' && record.IndexOf((byte)' ') == StampLength - 1;
        if (isStamped)
        {
            AddForeign(ref output, record[..StampLength], quoting);
            record = record[StampLength..];
        }
        output.Add(prefix);
        if (Priority.TryTake(ref record, out Priority priority))
        {
            output.Add(priority.Facility, "."u8);
            output.Add(priority.Severity, ": "u8);
        }
        AddForeign(ref output, record, quoting);
        output.Add(wasCut ? "...\n"u8 : "\n"u8);
    }

    /// <summary>Adds foreign text, in pieces that don't divide a character.</summary>
    private static void AddForeign(ref Line output, ReadOnlySpan<byte> text, Quoting quoting)
    {
        if (LineWriter.IsPlain(text))
        {
            output.Add(text);
            return;
        }
        AddQuoted(ref output, text, quoting);
    }

    private static void AddQuoted(ref Line output, ReadOnlySpan<byte> text, Quoting quoting)
    {
        const int PieceSize = 1024;
        Span<byte> buffer = stackalloc byte[PieceSize * LineWriter.LongestQuotedByte];
        while (!text.IsEmpty)
        {
            int length = text.Length < PieceSize ? text.Length : PieceSize;
            for (int i = 0; i < 3 && length < text.Length && (text[length] & 0xC0) == 0x80; i++)
                length--;
            var piece = new LineWriter(buffer);
            piece.AddForeign(text[..length], quoting);
            output.Add(buffer[..piece.Length]);
            text = text[length..];
        }
    }
}
