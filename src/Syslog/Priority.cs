using System;
using LocalService.CommandLine;

namespace LocalService.Syslog;

/// <summary>
/// Facility and severity of a message, from the number in front of it: <c>&lt;13&gt;</c>. The names are those of glibc. Specification "syslog",
/// section 2.
/// </summary>
/// <param name="value">The number.</param>
internal readonly struct Priority(uint value)
{
    /// <summary>The most bytes that facility and severity take in a line, with the dot between them.</summary>
    internal const int LongestText = 15;

    private const uint SeverityMask = 7;
    private const int FacilityShift = 3;
    private const uint FacilityMask = 127;
    private const uint FirstLocal = 16;
    private const uint LastLocal = 23;

    /// <summary>Takes the number off the beginning of a message. False, and nothing taken, when it doesn't begin with one.</summary>
    internal static bool TryTake(scoped ref ReadOnlySpan<byte> text, out Priority priority)
    {
        priority = default;
        if (text.IsEmpty || text[0] != (byte)'<')
            return false;
        int end = 1;
        while (end < text.Length && text[end] is >= (byte)'0' and <= (byte)'9')
            end++;
        if (end == text.Length || text[end] != (byte)'>' || !Numbers.TryParse(text[1..end], out uint number))
            return false;
        priority = new Priority(number);
        text = text[(end + 1)..];
        return true;
    }

    internal ReadOnlySpan<byte> Severity => (value & SeverityMask) switch
    {
        0 => "emerg"u8,
        1 => "alert"u8,
        2 => "crit"u8,
        3 => "err"u8,
        4 => "warn"u8,
        5 => "notice"u8,
        6 => "info"u8,
        _ => "debug"u8,
    };

    internal ReadOnlySpan<byte> Facility => (value >> FacilityShift & FacilityMask) switch
    {
        0 => "kern"u8,
        1 => "user"u8,
        2 => "mail"u8,
        3 => "daemon"u8,
        4 => "auth"u8,
        5 => "syslog"u8,
        6 => "lpr"u8,
        7 => "news"u8,
        8 => "uucp"u8,
        9 => "cron"u8,
        10 => "authpriv"u8,
        11 => "ftp"u8,
        >= FirstLocal and <= LastLocal => LocalFacility,
        24 => "mark"u8,
        _ => "unknown"u8,
    };

    private ReadOnlySpan<byte> LocalFacility =>
        "local0local1local2local3local4local5local6local7"u8.Slice((int)((value >> FacilityShift & FacilityMask) - FirstLocal) * "local0"u8.Length, "local0"u8.Length);
}
