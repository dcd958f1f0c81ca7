using System;
using LocalService.Errors;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Syslog;

/// <summary>
/// Splits the data of a stream into records, each of which ends with a newline or NUL. Keeps only the beginning of a record that is too long.
/// Specification "syslog", section 4, with section 5 and decision 32.
/// </summary>
/// <param name="longestRecord">The most bytes of a record that are kept.</param>
internal struct RecordSplitter(int longestRecord)
{
    private ByteBuffer begun; // of a record whose end hasn't come yet
    private bool isCut;
    private bool wasGiven; // the begun record was returned since

    /// <summary>
    /// Takes the next record off the data, including what came of it before. If no record ends in the data, they are kept as the beginning of one.
    /// </summary>
    /// <param name="data">The data that came; then the rest of them.</param>
    /// <param name="record">The record, valid until the next call.</param>
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

    /// <summary>At the end of the stream, takes a last record that has no end. False when there is none.</summary>
    internal bool TryTakeRest(out ReadOnlySpan<byte> record, out bool wasCut)
    {
        Forget();
        Give(out record, out wasCut);
        return !record.IsEmpty;
    }

    /// <summary>Frees the memory.</summary>
    internal void Free()
    {
        begun.Free();
        isCut = false;
        wasGiven = false;
    }

    /// <summary>The number of bytes in front of a newline or NUL, or of all bytes. Checks eight bytes at a time.</summary>
    private static unsafe int LengthOfRecord(ReadOnlySpan<byte> data)
    {
        const ulong EachByte = 0x0101010101010101;
        const ulong HighBits = 0x80 * EachByte;
        int length = 0;
        fixed (byte* start = data)
        {
            for (; length + sizeof(ulong) <= data.Length; length += sizeof(ulong))
            {
                // The subtraction sets a new high bit only in a byte that is 0, or in one above such a byte.
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
