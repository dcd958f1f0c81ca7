using System;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.CommandLine;

/// <summary>
/// A message under construction in a buffer of the caller. Text that doesn't fit is written early, so that a message of any length is written
/// in full; one that fits is a single write(2). Write errors on standard error are ignored: there is nowhere to report them.
/// </summary>
/// <param name="descriptor">The descriptor to write to.</param>
/// <param name="buffer">The buffer for the message.</param>
/// <param name="messages">The buffer that gets the message instead of the descriptor, or null.</param>
internal unsafe ref struct Line(int descriptor, Span<byte> buffer, MessageBuffer* messages)
{
    /// <summary>The buffer size that keeps a usual message in one write.</summary>
    internal const int BufferSize = 1024;

    private readonly Span<byte> buffer = buffer;
    private int used;

    /// <summary>The error of a failed write, on any descriptor but standard error. EBADF too if standard output was closed at start.</summary>
    internal Errno Error { get; private set; }

    internal Line(int descriptor, Span<byte> buffer)
        : this(descriptor, buffer, null)
    {
    }

    /// <summary>The text in the buffer.</summary>
    internal readonly ReadOnlySpan<byte> Text => buffer[..used];

    internal void Add(scoped ReadOnlySpan<byte> text)
    {
        while (text.Length > buffer.Length - used)
        {
            int part = buffer.Length - used;
            text[..part].CopyTo(buffer[used..]);
            used += part;
            Flush();
            text = text[part..];
        }
        text.CopyTo(buffer[used..]);
        used += text.Length;
    }

    internal void Add(scoped ReadOnlySpan<byte> text, scoped ReadOnlySpan<byte> more)
    {
        Add(text);
        Add(more);
    }

    internal void AddBlanks(int count)
    {
        for (; count > 0; count--)
            Add(" "u8);
    }

    internal void Add(ulong number) => Add(Numbers.Decimal(number, stackalloc byte[Numbers.LongestText]));

    /// <summary>Ends the message with a newline and writes it.</summary>
    internal void End()
    {
        Add("\n"u8);
        Flush();
    }

    /// <summary>Writes the buffer.</summary>
    internal void Flush()
    {
        if (messages != null)
            messages->Add(Text);
        else if (descriptor == libc.STDERR_FILENO)
            StandardError.Write(Text);
        else
            WriteAll(Text);
        used = 0;
    }

    private void WriteAll(ReadOnlySpan<byte> text)
    {
        bool isMissing = descriptor == libc.STDOUT_FILENO && StandardDescriptors.OutputMissing;
        Errno error = isMissing ? new Errno(libc.EBADF) : WaitingWrite.All(descriptor, text);
        if (error.Failed)
            Error = error;
    }
}
