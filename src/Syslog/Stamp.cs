using System;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Syslog;

/// <summary>How the time of arrival is written in front of a line.</summary>
internal enum StampFormat : byte
{
    None,

    /// <summary>TAI64N, as s6-log and multilog write it: <c>@</c> and 24 hexadecimal digits.</summary>
    Tai64n,

    /// <summary>RFC 3339, in UTC to the microsecond: <c>2026-11-28T04:10:00.123456Z</c>.</summary>
    Rfc3339,
}

/// <summary>The time of arrival as text, with a blank behind it. Written once for all messages that arrived together.</summary>
internal unsafe struct Stamp
{
    /// <summary>The most bytes that it has.</summary>
    internal const int LongestText = 28;

    private const long SecondsPerDay = 24 * 60 * 60;

    private fixed byte text[LongestText];
    private int length;

    /// <summary>The text; empty without a format.</summary>
    internal static ReadOnlySpan<byte> TextOf(Stamp* stamp) => new(stamp->text, stamp->length);

    /// <summary>Takes the present time.</summary>
    internal void Take(StampFormat format)
    {
        if (format == StampFormat.None)
            return;
        libc.timespec now;
        _ = libc.clock_gettime(libc.CLOCK_REALTIME, &now);
        Set(format, now);
    }

    /// <summary>Takes a time from 1970 to 9999.</summary>
    internal void Set(StampFormat format, libc.timespec moment)
    {
        fixed (byte* start = text)
        {
            var target = new Span<byte>(start, LongestText);
            length = format == StampFormat.Tai64n ? FormatTai(moment, target) : FormatDate(moment, target);
        }
    }

    private static int FormatTai(libc.timespec moment, Span<byte> target)
    {
        TaiDate.OfUnixTime(moment.tv_sec, (uint)moment.tv_nsec).Format(target);
        target[TaiDate.TextLength] = (byte)' ';
        return TaiDate.TextLength + 1;
    }

    private static int FormatDate(libc.timespec moment, Span<byte> target)
    {
        ReadOnlySpan<byte> form = "0000-00-00T00:00:00.000000Z "u8;
        form.CopyTo(target);
        DateOf(moment.tv_sec / SecondsPerDay, out long year, out long month, out long day);
        long second = moment.tv_sec % SecondsPerDay;
        Put(year, target[..4]);
        Put(month, target[5..7]);
        Put(day, target[8..10]);
        Put(second / 3600, target[11..13]);
        Put(second / 60 % 60, target[14..16]);
        Put(second % 60, target[17..19]);
        Put(moment.tv_nsec / 1000, target[20..26]);
        return form.Length;
    }

    /// <summary>
    /// The date of a day, counted from 1 January 1970, in the Gregorian calendar. A year begins with March here, so that the leap day is its last
    /// day.
    /// </summary>
    private static void DateOf(long days, out long year, out long month, out long day)
    {
        const long DaysBefore1970 = 719_468; // from 1 March of the year 0
        const long DaysPer400Years = 146_097;
        const long DaysPer100Years = 36_524;
        const long DaysPer4Years = 1_461;
        const long DaysPer5Months = 153; // from March, and again from August on
        days += DaysBefore1970;
        long dayOfEra = days % DaysPer400Years;
        long yearOfEra = (dayOfEra - dayOfEra / (DaysPer4Years - 1) + dayOfEra / DaysPer100Years - dayOfEra / (DaysPer400Years - 1)) / 365;
        long dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
        long monthFromMarch = (5 * dayOfYear + 2) / DaysPer5Months;
        day = dayOfYear - (DaysPer5Months * monthFromMarch + 2) / 5 + 1;
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
        year = days / DaysPer400Years * 400 + yearOfEra + (month <= 2 ? 1 : 0);
    }

    private static void Put(long number, Span<byte> digits)
    {
        for (int i = digits.Length - 1; i >= 0; i--)
        {
            digits[i] = (byte)('0' + number % 10);
            number /= 10;
        }
    }
}
