using System;
using LocalService.CommandLine;
using LocalService.Dns.Packets;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Dns.Lookups;

/// <summary>Shows packets as they are sent and received, to help find a fault. Specification "dns", section 4.1.</summary>
internal struct PacketTrace
{
    /// <summary>The bits of a level: packets that are received, and packets that are sent.</summary>
    internal const uint Received = 1;
    internal const uint Sent = 2;

    private const int SecondsOfDay = 86400;

    /// <summary>Which packets are shown.</summary>
    internal uint Level;

    /// <summary>The descriptor that they are written to.</summary>
    internal int Descriptor;

    /// <summary>Whether recursion is asked for.</summary>
    internal bool IsRecursive;

    /// <summary>The deadline of everything, <see cref="Clock.Milliseconds"/>; <see cref="long.MaxValue"/>: no limit.</summary>
    internal long Limit;

    private OutputText text;

    /// <summary>Why something could not be written. The first reason counts.</summary>
    internal Errno Error { get; private set; }

    /// <summary>A query is about to be sent.</summary>
    internal void Prepare(ReadOnlySpan<byte> query, IpAddress server, bool tcp)
    {
        if ((Level & Sent) == 0)
            return;
        text.Add("Preparing to send via "u8);
        text.Add(tcp ? "TCP"u8 : "UDP"u8);
        text.Add(IsRecursive ? " to cache "u8 : " to server "u8);
        text.Add(server);
        text.Add(" with deadline \""u8);
        if (Limit == long.MaxValue)
            text.Add("infinite"u8);
        else
            AddDate(Limit);
        text.Add("\", query id "u8);
        text.Add(BigEndian.Read(query[..2]));
        text.Add(":\n"u8);
        AddPacket(query);
    }

    /// <summary>The query was sent. The resolver waits for an answer until a deadline, <see cref="Clock.Milliseconds"/>.</summary>
    internal void Confirm(ReadOnlySpan<byte> query, long deadline)
    {
        if ((Level & Sent) == 0)
            return;
        text.Add("Sent query "u8);
        text.Add(BigEndian.Read(query[..2]));
        text.Add(" - next recv deadline is "u8);
        AddDate(deadline < Limit ? deadline : Limit);
        text.Add("\n\n"u8);
        Write();
    }

    /// <summary>A packet came, whether or not it is the answer.</summary>
    internal void Receive(ReadOnlySpan<byte> packet)
    {
        if ((Level & Received) == 0)
            return;
        text.Add("Received a packet:\n"u8);
        AddPacket(packet);
    }

    private void AddPacket(ReadOnlySpan<byte> packet)
    {
        if (PacketText.Add(ref text, packet, IsRecursive).Failed)
            text.Add("(malformed)\n"u8);
        text.Add("\n"u8);
        Write();
    }

    /// <summary>Adds a time as date and time of day, UTC.</summary>
    private void AddDate(long milliseconds)
    {
        libc.timespec now = TaiDate.Now.UnixTime;
        long left = milliseconds - Clock.Milliseconds;
        long nanoseconds = now.tv_nsec + left % 1000 * 1_000_000;
        long seconds = now.tv_sec + left / 1000 + nanoseconds / 1_000_000_000;
        nanoseconds %= 1_000_000_000;
        if (nanoseconds < 0)
        {
            nanoseconds += 1_000_000_000;
            seconds--;
        }
        // Years that begin with March end with the leap day.
        long day = seconds / SecondsOfDay + 719468;
        long era = day / 146097;
        long dayOfEra = day % 146097;
        long yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365;
        long dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
        long month = (5 * dayOfYear + 2) / 153;
        long dayOfMonth = dayOfYear - (153 * month + 2) / 5 + 1;
        month += month < 10 ? 3 : -9;
        AddPadded(yearOfEra + era * 400 + (month <= 2 ? 1 : 0), 4, "-"u8);
        AddPadded(month, 2, "-"u8);
        AddPadded(dayOfMonth, 2, " "u8);
        AddPadded(seconds % SecondsOfDay / 3600, 2, ":"u8);
        AddPadded(seconds % 3600 / 60, 2, ":"u8);
        AddPadded(seconds % 60, 2, "."u8);
        AddPadded(nanoseconds, 9, default);
    }

    private void AddPadded(long number, int digits, ReadOnlySpan<byte> behind)
    {
        ReadOnlySpan<byte> decimals = Numbers.Decimal((ulong)number, stackalloc byte[Numbers.LongestText]);
        text.Add("000000000"u8[..(digits > decimals.Length ? digits - decimals.Length : 0)]);
        text.Add(decimals);
        text.Add(behind);
    }

    private void Write()
    {
        Errno error = text.Write(Descriptor);
        text.Clear();
        if (!Error.Failed)
            Error = error;
    }
}
