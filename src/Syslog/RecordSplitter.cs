using System;
using LocalService.Errors;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Syslog;

/// <summary>
/// Cuts what comes over a stream into records, each of which ends with a newline or NUL. Of one that is too long the beginning is kept.
/// Specification "syslog", section 4, with section 5 and decision 32.
/// </summary>
/// <param name="longestRecord">The most bytes of a record that are kept.</param>
internal struct RecordSplitter(int longestRecord)
{
    private ByteBuffer begun; // of a record whose end hasn't come yet
    private bool isCut;
    private bool wasGiven; // what was begun has been given out since

    /// <summary>Takes the next record off the data, with what came of it before. Without one, the data are taken as the beginning of one.</summary>
    /// <param name="data">What came, and what is left of it.</param>
    /// <param name="record">The record, until the next call.</param>
    /// <param name="wasCut">Whether it was longer.</param>
    /// <returns>Whether there is one; ENOMEM.</returns>
    internal Result<bool> Next(scoped ref ReadOnlySpan<byte> data, out ReadOnlySpan<byte> record, out bool wasCut)
    {
        record = default;
        wasCut = false;
        Forget();
        int end = LengthOfRecord(data);
        ReadOnlySpan<byte> piece = data[..end];
        bool isWhole = end < data.Length;
        data = data[(isWhole ? end + 1 : end)..];
        if (isWhole && begun.Length == 0 && !isCut)
        {
            wasCut = piece.Length > longestRecord;
            record = wasCut ? piece[..longestRecord] : piece;
            return true;
        }
        Errno error = Keep(piece);
        if (error.Failed)
            return error;
        if (isWhole)
            Give(out record, out wasCut);
        return isWhole;
    }

    /// <summary>Takes what has no end at the end of the stream. False when there is nothing.</summary>
    internal bool TryTakeRest(out ReadOnlySpan<byte> record, out bool wasCut)
    {
        Forget();
        Give(out record, out wasCut);
        return !record.IsEmpty;
    }

    /// <summary>Gives the memory back.</summary>
    internal void Free()
    {
        begun.Free();
        isCut = false;
        wasGiven = false;
    }

    /// <summary>How many bytes there are in front of a newline or NUL, or at all. Eight are looked at at once.</summary>
    private static unsafe int LengthOfRecord(ReadOnlySpan<byte> data)
    {
        const ulong EachByte = 0x0101010101010101;
        const ulong HighBits = 0x80 * EachByte;
        int length = 0;
        fixed (byte* start = data)
        {
            for (; length + sizeof(ulong) <= data.Length; length += sizeof(ulong))
            {
                // Only a byte that is 0 gets a high bit by the subtraction that it hadn't before, or one above such a byte.
                ulong nuls = *(ulong*)(start + length);
                ulong newlines = nuls ^ ('\n' * EachByte);
                if (((((nuls - EachByte) & ~nuls) | ((newlines - EachByte) & ~newlines)) & HighBits) != 0)
                    break;
            }
        }
        while (length < data.Length && data[length] is not (0 or (byte)'\n'))
            length++;
        return length;
    }

    private Errno Keep(ReadOnlySpan<byte> piece)
    {
        int room = longestRecord - begun.Length;
        isCut |= piece.Length > room;
        return begun.Add(piece.Length > room ? piece[..room] : piece);
    }

    private void Give(out ReadOnlySpan<byte> record, out bool wasCut)
    {
        record = begun.Content;
        wasCut = isCut;
        wasGiven = true;
    }

    private void Forget()
    {
        if (!wasGiven)
            return;
        begun.Clear();
        isCut = false;
        wasGiven = false;
    }
}
