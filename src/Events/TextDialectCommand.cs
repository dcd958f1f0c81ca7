using System;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Events;

/// <summary>
/// Commands and events of the second generation. <c>'+' id:u32 flags:u32 timeout_ms:u32 opcode:u32 len:u32 path NUL re NUL</c> subscribes,
/// <c>'-' id:u32</c> unsubscribes. Specifications "ftrig", section 4.2, and "fd-passing", section 4.4.
/// </summary>
internal ref struct TextDialectCommand
{
    /// <summary>The size of an event's head, in bytes.</summary>
    internal const int EventHeadSize = 2 * sizeof(uint);

    /// <summary>The bytes of a command that subscribes, without those of the path and the expression.</summary>
    internal const int SizeOfSubscribe = SubscribeHeadSize + 2;

    private const int HeadSize = 1 + sizeof(uint);
    private const int SubscribeHeadSize = HeadSize + 4 * sizeof(uint);
    private const int SmallestPayload = 3;

    internal uint Id { get; private set; }

    internal bool Subscribes { get; private set; }

    /// <summary>Whether it subscribes with invalid strings.</summary>
    internal bool IsMalformed { get; private set; }

    /// <summary>What it subscribes to, unless <see cref="IsMalformed"/>.</summary>
    internal SubscriptionRequest Request { get; private set; }

    /// <summary>Reads a command. False when it isn't one.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> command, out TextDialectCommand parsed)
    {
        parsed = default;
        if (command.Length < HeadSize || command[0] is not ((byte)'+' or (byte)'-'))
            return false;
        parsed.Id = (uint)BigEndian.Read(command.Slice(1, sizeof(uint)));
        parsed.Subscribes = command[0] == (byte)'+';
        if (!parsed.Subscribes)
            return command.Length == HeadSize;
        if (command.Length < SubscribeHeadSize || Number(command, 3) != (ulong)(command.Length - SubscribeHeadSize))
            return false;
        parsed.IsMalformed = !parsed.TryParseRequest(command);
        return true;
    }

    /// <summary>Writes the head of an event, or the report of a failure.</summary>
    internal static ReadOnlySpan<byte> EventHead(uint id, Errno error, Span<byte> buffer)
    {
        BigEndian.Write(buffer[..sizeof(uint)], id);
        BigEndian.Write(buffer.Slice(sizeof(uint), sizeof(uint)), (uint)error.Number);
        return buffer[..EventHeadSize];
    }

    /// <summary>Writes the command of a client that subscribes to one event, without a time limit.</summary>
    internal static ReadOnlySpan<byte> WriteSubscribe(uint id, ReadOnlySpan<byte> path, ReadOnlySpan<byte> expression, Span<byte> buffer)
    {
        buffer = buffer[..(SizeOfSubscribe + path.Length + expression.Length)];
        buffer.Clear();
        buffer[0] = (byte)'+';
        BigEndian.Write(buffer.Slice(1, sizeof(uint)), id);
        BigEndian.Write(buffer.Slice(SubscribeHeadSize - sizeof(uint), sizeof(uint)), (uint)(path.Length + expression.Length + 2));
        path.CopyTo(buffer[SubscribeHeadSize..]);
        expression.CopyTo(buffer[(SubscribeHeadSize + path.Length + 1)..]);
        return buffer;
    }

    /// <summary>Reads an event: what has come, or why the subscription has failed. EPROTO for anything else.</summary>
    internal static Errno ReadEvent(ReadOnlySpan<byte> told, uint id, out ReadOnlySpan<byte> text)
    {
        text = default;
        if (told.Length < EventHeadSize || BigEndian.Read(told[..sizeof(uint)]) != id)
            return new Errno(libc.EPROTO);
        text = told[EventHeadSize..];
        return new Errno((int)BigEndian.Read(told.Slice(sizeof(uint), sizeof(uint))));
    }

    private bool TryParseRequest(ReadOnlySpan<byte> command)
    {
        ReadOnlySpan<byte> strings = command[SubscribeHeadSize..];
        if (strings.Length < SmallestPayload || strings[^1] != 0)
            return false;
        int end = strings.IndexOf((byte)0);
        if (end == strings.Length - 1)
            return false;
        ReadOnlySpan<byte> expression = strings[(end + 1)..^1];
        if (expression.IndexOf((byte)0) >= 0)
            return false;
        Request = new SubscriptionRequest
        {
            Id = Id,
            Repeats = (Number(command, 0) & 1) != 0,
            Milliseconds = (uint)Number(command, 1),
            Directory = strings[..end],
            Expression = expression,
        };
        return true;
    }

    /// <summary>A number behind the id: flags, milliseconds, code of the operation, length of the rest.</summary>
    private static ulong Number(ReadOnlySpan<byte> command, int index) => BigEndian.Read(command.Slice(HeadSize + index * sizeof(uint), sizeof(uint)));
}
