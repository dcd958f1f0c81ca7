using System;
using LocalService.Libc;
using LocalService.Memory;

namespace LocalService.Posix;

/// <summary>
/// A moment of the wall clock in TAI64N: a label of seconds, where 2^62 is the start of 1970 TAI, and nanoseconds. Expiry dates are sent, kept and
/// written in this form. Specification "fdholder", section 4.
/// </summary>
internal readonly struct TaiDate : IMoment<TaiDate>
{
    /// <summary>The bytes of a date on the wire: the label, then the nanoseconds, big-endian.</summary>
    internal const int PackedSize = 12;

    /// <summary>The characters of a date as text: <c>@</c> and the packed bytes in hexadecimal.</summary>
    internal const int TextLength = 1 + 2 * PackedSize;

    private const int LabelSize = 8;
    private const uint NanosecondsPerSecond = 1_000_000_000;

    // The seconds that TAI was ahead of UTC in 1970 (10 by definition), and the leap seconds since; the last one was at the end of 2016.
    private const ulong UnixEpoch = (1UL << 62) + 10 + 27;
    private const ulong FarthestSeconds = 1UL << 61;

    private TaiDate(ulong label, uint nanoseconds)
    {
        Label = label;
        Nanoseconds = nanoseconds;
    }

    /// <summary>The seconds, as a TAI64 label. Those from 2^63 on are reserved by the format.</summary>
    internal ulong Label { get; }

    /// <summary>0 to 999,999,999.</summary>
    internal uint Nanoseconds { get; }

    /// <summary>The wall clock: CLOCK_REALTIME, which can be set.</summary>
    internal static unsafe TaiDate Now
    {
        get
        {
            libc.timespec now;
            _ = libc.clock_gettime(libc.CLOCK_REALTIME, &now);
            return OfUnixTime(now.tv_sec, (uint)now.tv_nsec);
        }
    }

    /// <summary>The date that stands for "never" when this one is the present: 2^61 seconds later.</summary>
    internal TaiDate Never => new(Label + FarthestSeconds, Nanoseconds);

    /// <summary>The date as seconds and nanoseconds since 1970; 0 for an earlier date.</summary>
    internal libc.timespec UnixTime =>
        Label < UnixEpoch ? default : new libc.timespec { tv_sec = (long)(Label - UnixEpoch), tv_nsec = Nanoseconds };

    internal static TaiDate OfUnixTime(long seconds, uint nanoseconds) => new(UnixEpoch + (ulong)seconds, nanoseconds);

    public static bool operator <(TaiDate left, TaiDate right) =>
        left.Label < right.Label || (left.Label == right.Label && left.Nanoseconds < right.Nanoseconds);

    public static bool operator >(TaiDate left, TaiDate right) => right < left;

    public static bool operator <=(TaiDate left, TaiDate right) => !(right < left);

    public static bool operator >=(TaiDate left, TaiDate right) => !(left < right);

    /// <inheritdoc/>
    public bool IsBefore(TaiDate other) => this < other;

    /// <inheritdoc/>
    public bool Equals(TaiDate other) => Label == other.Label && Nanoseconds == other.Nanoseconds;

    /// <summary>A later date.</summary>
    internal TaiDate PlusMilliseconds(uint milliseconds) =>
        new TaiDate(Label + milliseconds / 1000, Nanoseconds).PlusNanoseconds(milliseconds % 1000 * 1_000_000);

    /// <inheritdoc/>
    public TaiDate PlusNanoseconds(uint count)
    {
        ulong sum = (ulong)Nanoseconds + count;
        return new TaiDate(Label + sum / NanosecondsPerSecond, (uint)(sum % NanosecondsPerSecond));
    }

    /// <summary>Whether the date, seen from the present, means "never": 2^60 seconds or more to come.</summary>
    internal bool IsNever(TaiDate now) => this >= new TaiDate(now.Label + FarthestSeconds / 2, now.Nanoseconds);

    /// <summary>The time left until this date, in milliseconds, rounded up; 0 when it has passed. False when more than 49 days are left.</summary>
    internal bool TryGetMillisecondsFrom(TaiDate now, out uint milliseconds)
    {
        const ulong FarthestSeconds = uint.MaxValue / 1000 - 1;
        milliseconds = 0;
        if (this <= now)
            return true;
        ulong seconds = Label - now.Label;
        if (seconds > FarthestSeconds)
            return false;
        milliseconds = (uint)((seconds * NanosecondsPerSecond + Nanoseconds - now.Nanoseconds + 999_999) / 1_000_000);
        return true;
    }

    /// <summary>Reads a packed date from the start of the data. False when there are too few bytes, or they are no date.</summary>
    internal static bool TryUnpack(ReadOnlySpan<byte> data, out TaiDate date)
    {
        date = default;
        if (data.Length < PackedSize)
            return false;
        ulong label = BigEndian.Read(data[..LabelSize]);
        uint nanoseconds = (uint)BigEndian.Read(data[LabelSize..PackedSize]);
        date = new TaiDate(label, nanoseconds);
        return label < 1UL << 63 && nanoseconds < NanosecondsPerSecond;
    }

    /// <summary>Writes the packed date to the start of the destination.</summary>
    internal void Pack(Span<byte> destination)
    {
        BigEndian.Write(destination[..LabelSize], Label);
        BigEndian.Write(destination[LabelSize..PackedSize], Nanoseconds);
    }

    /// <summary>Reads a date as text; hexadecimal digits of either case, nothing before or after.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> text, out TaiDate date)
    {
        date = default;
        if (text.Length != TextLength || text[0] != (byte)'@')
            return false;
        Span<byte> packed = stackalloc byte[PackedSize];
        for (int i = 0; i < PackedSize; i++)
        {
            int high = HexDigit.ValueOf(text[1 + 2 * i]);
            int low = HexDigit.ValueOf(text[2 + 2 * i]);
            if ((high | low) < 0)
                return false;
            packed[i] = (byte)(high << 4 | low);
        }
        return TryUnpack(packed, out date);
    }

    /// <summary>Writes the date as text, <see cref="TextLength"/> characters, to the start of the destination.</summary>
    internal void Format(Span<byte> destination)
    {
        Span<byte> packed = stackalloc byte[PackedSize];
        Pack(packed);
        destination[0] = (byte)'@';
        for (int i = 0; i < PackedSize; i++)
        {
            destination[1 + 2 * i] = HexDigit.Of(packed[i] >> 4);
            destination[2 + 2 * i] = HexDigit.Of(packed[i] & 15);
        }
    }
}
