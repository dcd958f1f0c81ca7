using System;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Events;

/// <summary>
/// Commands and events of the first generation. <c>id:u16 'L' options:u32 pathlen:u32 relen:u32 path NUL re NUL</c> subscribes,
/// <c>id:u16 'U'</c> unsubscribes. Specification "ftrig", section 4.1.
/// </summary>
internal ref struct ByteDialectCommand
{
    /// <summary>Marks an event.</summary>
    internal const byte Event = (byte)'!';

    /// <summary>Marks the end of a subscription that failed.</summary>
    internal const byte Failure = (byte)'d';

    /// <summary>The bytes of a command that subscribes, without those of the path and the expression.</summary>
    internal const int SizeOfSubscribe = SubscribeHeadSize + 2;

    private const int IdSize = 2;
    private const int HeadSize = IdSize + 1;
    private const int SubscribeHeadSize = HeadSize + 3 * sizeof(uint);
    private const int SmallestSubscribe = 19;

    internal uint Id { get; private set; }

    internal bool Subscribes { get; private set; }

    /// <summary>Whether it subscribes with invalid lengths.</summary>
    internal bool IsMalformed { get; private set; }

    /// <summary>What it subscribes to, unless <see cref="IsMalformed"/>.</summary>
    internal SubscriptionRequest Request { get; private set; }

    /// <summary>Reads a command. False when it isn't one.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> command, out ByteDialectCommand parsed)
    {
        parsed = default;
        if (command.Length < HeadSize || command[IdSize] is not ((byte)'L' or (byte)'U'))
            return false;
        parsed.Id = (uint)BigEndian.Read(command[..IdSize]);
        parsed.Subscribes = command[IdSize] == (byte)'L';
        if (parsed.Subscribes)
            parsed.IsMalformed = !parsed.TryParseRequest(command);
        return true;
    }

    /// <summary>Writes the head of an event, which precedes its byte.</summary>
    internal static ReadOnlySpan<byte> EventHead(uint id, byte kind, Span<byte> buffer)
    {
        BigEndian.Write(buffer[..IdSize], id);
        buffer[IdSize] = kind;
        return buffer[..HeadSize];
    }

    /// <summary>Writes the command of a client that subscribes to one event.</summary>
    internal static ReadOnlySpan<byte> WriteSubscribe(uint id, ReadOnlySpan<byte> path, ReadOnlySpan<byte> expression, Span<byte> buffer)
    {
        buffer = buffer[..(SizeOfSubscribe + path.Length + expression.Length)];
        buffer.Clear();
        BigEndian.Write(buffer[..IdSize], id);
        buffer[IdSize] = (byte)'L';
        BigEndian.Write(buffer.Slice(HeadSize + sizeof(uint), sizeof(uint)), (uint)path.Length);
        BigEndian.Write(buffer.Slice(HeadSize + 2 * sizeof(uint), sizeof(uint)), (uint)expression.Length);
        path.CopyTo(buffer[SubscribeHeadSize..]);
        expression.CopyTo(buffer[(SubscribeHeadSize + path.Length + 1)..]);
        return buffer;
    }

    /// <summary>Reads an event: the byte of a match, or why the subscription has failed. EPROTO for anything else.</summary>
    internal static Errno ReadEvent(ReadOnlySpan<byte> told, uint id, out ReadOnlySpan<byte> text)
    {
        text = default;
        if (told.Length != HeadSize + 1 || BigEndian.Read(told[..IdSize]) != id || (told[IdSize] == Failure && told[HeadSize] == 0))
            return new Errno(libc.EPROTO);
        if (told[IdSize] == Failure)
            return new Errno(told[HeadSize]);
        text = told[HeadSize..];
        return told[IdSize] == Event ? default : new Errno(libc.EPROTO);
    }

    private bool TryParseRequest(ReadOnlySpan<byte> command)
    {
        if (command.Length < SmallestSubscribe)
            return false;
        uint options = (uint)BigEndian.Read(command.Slice(HeadSize, sizeof(uint)));
        ulong pathLength = BigEndian.Read(command.Slice(HeadSize + sizeof(uint), sizeof(uint)));
        ulong expressionLength = BigEndian.Read(command.Slice(HeadSize + 2 * sizeof(uint), sizeof(uint)));
        ReadOnlySpan<byte> strings = command[SubscribeHeadSize..];
        if (pathLength + 1 + expressionLength + 1 != (ulong)strings.Length)
            return false;
        ReadOnlySpan<byte> path = strings[..(int)pathLength];
        ReadOnlySpan<byte> expression = strings.Slice(path.Length + 1, (int)expressionLength);
        if (strings[path.Length] != 0 || strings[^1] != 0 || path.IndexOf((byte)0) >= 0 || expression.IndexOf((byte)0) >= 0)
            return false;
        Request = new SubscriptionRequest { Id = Id, Repeats = (options & 1) != 0, Directory = path, Expression = expression };
        return true;
    }
}
