using System;
using LocalService.Posix;

namespace LocalService.Syslog;

/// <summary>
/// The format of a line of the log: <c>[STAMP ][ADDRESS_PORT: ][PID:UID:GID: ]FACILITY.SEVERITY: TEXT</c>. Specification "syslog", section 3, with
/// section 5 and decision 32.
/// </summary>
internal struct LineFormat
{
    /// <summary>The most bytes of a line besides its message: stamp, address, port, three numbers, priority, and the separators.</summary>
    internal const int LongestRest = Stamp.LongestText + IpAddressText.LongestText + 3 * 10 + Priority.LongestText + 40;

    internal StampFormat Stamps;

    /// <summary>Whether the ids of local senders stand in the line.</summary>
    internal bool ShowsCredentials;

    /// <summary>Whether the number of the priority stays as it is.</summary>
    internal bool KeepsPriority;

    /// <summary>Whether the header of a message is split into fields with tabs between them.</summary>
    internal bool SplitsHeader;

    /// <summary>Whether control characters stay as they are.</summary>
    internal bool KeepsControls;

    /// <summary>The longest message, in bytes; a longer one is cut and marked with three dots.</summary>
    internal int LongestMessage;

    /// <summary>The most bytes that a line has.</summary>
    internal readonly int LongestLine => LongestRest + LongestMessage * LineWriter.LongestQuotedByte;

    /// <summary>Writes a line.</summary>
    /// <param name="target">The buffer, with room for <see cref="LongestLine"/>.</param>
    /// <param name="stamp">The time of arrival, with a blank behind it; or nothing.</param>
    /// <param name="sender">The sender of the message.</param>
    /// <param name="message">The message, cut to the longest length.</param>
    /// <param name="isCut">Whether it was longer.</param>
    /// <returns>The length of the line.</returns>
    internal readonly int Write(Span<byte> target, ReadOnlySpan<byte> stamp, in Sender sender, ReadOnlySpan<byte> message, bool isCut)
    {
        var line = new LineWriter(target);
        line.Add(stamp);
        if (sender.IsRemote)
            AddAddress(ref line, sender.Address);
        if (sender.IsLocal && ShowsCredentials)
            AddCredentials(ref line, sender);
        if (!KeepsPriority && Priority.TryTake(ref message, out Priority priority))
        {
            line.Add(priority.Facility);
            line.Add("."u8);
            line.Add(priority.Severity);
            line.Add(": "u8);
        }
        if (SplitsHeader)
            AddFields(ref line, MessageHeader.Of(message));
        else
            line.AddForeign(message, KeepsControls ? Quoting.None : Quoting.Controls);
        if (isCut)
            line.Add("..."u8);
        line.Add("\n"u8);
        return line.Length;
    }

    private static void AddAddress(ref LineWriter line, SocketAddress address)
    {
        line.Add(IpAddressText.Format(address.Address.Unmapped, stackalloc byte[IpAddressText.LongestText]));
        line.Add("_"u8);
        line.Add((ulong)address.Port);
        line.Add(": "u8);
    }

    private static void AddCredentials(ref LineWriter line, in Sender sender)
    {
        line.Add((ulong)sender.ProcessId);
        line.Add(":"u8);
        line.Add((ulong)sender.UserId);
        line.Add(":"u8);
        line.Add((ulong)sender.GroupId);
        line.Add(": "u8);
    }

    private static void AddFields(ref LineWriter line, MessageHeader header)
    {
        AddField(ref line, header.Time);
        AddField(ref line, header.Host);
        AddField(ref line, header.Application);
        AddField(ref line, header.Process);
        AddField(ref line, header.MessageId);
        AddField(ref line, header.Data);
        line.AddForeign(header.Text, Quoting.ControlsAndTabs);
    }

    private static void AddField(ref LineWriter line, ReadOnlySpan<byte> field)
    {
        if (field.IsEmpty)
            line.Add("-"u8);
        else
            line.AddForeign(field, Quoting.ControlsAndTabs);
        line.Add("\t"u8);
    }
}
