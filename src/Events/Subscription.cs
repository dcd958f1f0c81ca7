using System;
using LocalService.Errors;
using LocalService.Expressions;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Events;

/// <summary>
/// A wait for events of one fifodir that match a regular expression. Events are bytes; they are matched after each read, over all that were
/// read since the last match. Specification "ftrig", section 4.3, with decision 24.
/// </summary>
internal unsafe struct Subscription
{
    // Clients see the size of a read in the events of the second generation.
    private const int ByteDialectPiece = 16;
    private const int TextDialectPiece = 31;

    // Events outside of a match are kept up to this number of bytes; then the older half is forgotten.
    private const int MostEvents = 4096;
    private const int FirstCapacity = 64;

    private ListenerFifo fifo;
    private Dialect dialect;
    private int* program;
    private int programLength;
    private byte* events;
    private int capacity;
    private int count;
    private int taken; // at the start of the events: part of a match already

    /// <summary>The descriptor to wait for.</summary>
    internal readonly int Number => fifo.Number;

    /// <summary>Subscribes.</summary>
    /// <param name="directory">The fifodir.</param>
    /// <param name="expression">The expression.</param>
    /// <param name="dialect">What an event is.</param>
    /// <param name="subscription">The subscription, when there is no error.</param>
    /// <returns>EINVAL for a wrong expression, ENOMEM for one that is too big, else why the FIFO could not be made.</returns>
    internal static Errno Open(ReadOnlySpan<byte> directory, ReadOnlySpan<byte> expression, Dialect dialect, out Subscription subscription)
    {
        subscription = new Subscription { dialect = dialect };
        Errno error = subscription.Compile(expression) && ListenerFifo.Make(directory, out subscription.fifo);
        if (error.Failed)
            subscription.Free();
        return error;
    }

    /// <summary>Ends the subscription and removes the FIFO.</summary>
    internal void Close()
    {
        fifo.Remove();
        Free();
    }

    /// <summary>Reads events that have come, with one read(2). The text that <see cref="TryTake"/> returned before is gone.</summary>
    /// <returns>EAGAIN when none have, ENOMEM, EIO.</returns>
    internal Errno Receive()
    {
        int piece = dialect == Dialect.Byte ? ByteDialectPiece : TextDialectPiece;
        Errno error = MakeRoom(piece);
        if (error.Failed)
            return error;
        nint size;
        do
            size = libc.read(fifo.Number, events + count, (nuint)piece);
        while (Errno.Interrupted(size));
        count += size > 0 ? (int)size : 0;
        return Errno.Of(size);
    }

    /// <summary>The next event of the client, if what was read makes one.</summary>
    /// <param name="text">Its bytes, at least one. They are valid until the next <see cref="Receive"/>.</param>
    internal bool TryTake(out ReadOnlySpan<byte> text)
    {
        text = new ReadOnlySpan<byte>(events + taken, count - taken);
        var compiled = new ReadOnlySpan<int>(program, programLength);
        if (text.IsEmpty)
            return false;
        if (dialect == Dialect.Text)
        {
            taken = count;
            if (Expression.IsMatch(compiled, text))
                return true;
            taken = 0;
            return false;
        }
        if (!Expression.TryFind(compiled, text, out int start, out int end))
            return false;
        // An empty match takes the byte at its position, so that empty matches end with the events.
        end += end == start ? 1 : 0;
        taken += end;
        text = text.Slice(end - 1, 1);
        return true;
    }

    private Errno Compile(ReadOnlySpan<byte> expression)
    {
        Span<int> words = stackalloc int[Expression.LongestProgram];
        ExpressionError wrong = Expression.Compile(expression, words, out programLength);
        if (wrong != ExpressionError.None)
            return new Errno(wrong == ExpressionError.TooBig ? libc.ENOMEM : libc.EINVAL);
        program = (int*)Heap.Allocate((nuint)programLength * sizeof(int));
        if (program == null)
            return new Errno(libc.ENOMEM);
        words[..programLength].CopyTo(new Span<int>(program, programLength));
        return default;
    }

    private Errno MakeRoom(int size)
    {
        Forget(taken);
        taken = 0;
        if (count + size > MostEvents)
            Forget(MostEvents / 2);
        if (count + size <= capacity)
            return default;
        int wanted = capacity == 0 ? FirstCapacity : 2 * capacity;
        byte* grown = events == null ? Heap.Allocate((nuint)wanted) : Heap.Resize(events, (nuint)wanted);
        if (grown == null)
            return new Errno(libc.ENOMEM);
        events = grown;
        capacity = wanted;
        return default;
    }

    private void Forget(int oldest)
    {
        if (oldest == 0)
            return;
        count -= oldest;
        new ReadOnlySpan<byte>(events + oldest, count).CopyTo(new Span<byte>(events, count));
    }

    private void Free()
    {
        Heap.Free((byte*)program);
        Heap.Free(events);
        program = null;
        events = null;
    }
}
