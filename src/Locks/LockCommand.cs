using System;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Locks;

/// <summary>
/// A command of a client: <c>id:u16 '&lt;' options:u32 limit:tai(12) pathlen:u32 path NUL</c> begins to take a lock, <c>id:u16 '&gt;'</c>
/// releases it or ends the attempt. The length may count the NUL or not (decision 26). Specification "lock", section 1.1.
/// </summary>
internal ref struct LockCommand
{
    /// <summary>The bytes of an event: id, then 0 or the number of an error.</summary>
    internal const int EventSize = IdSize + 1;

    private const int IdSize = 2;
    private const int HeadSize = IdSize + 1;
    private const int AcquireHeadSize = HeadSize + sizeof(uint) + TaiDate.PackedSize + sizeof(uint);

    internal ushort Id { get; private set; }

    internal bool Acquires { get; private set; }

    /// <summary>Whether it acquires, but is invalid.</summary>
    internal bool IsMalformed { get; private set; }

    internal bool Exclusive { get; private set; }

    /// <summary>Whether there is a limit.</summary>
    internal bool HasLimit { get; private set; }

    /// <summary>The date until which the client waits.</summary>
    internal TaiDate Limit { get; private set; }

    /// <summary>The path, with the NUL behind it.</summary>
    internal ReadOnlySpan<byte> Path { get; private set; }

    /// <summary>Reads a command. False when it isn't one.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> command, out LockCommand parsed)
    {
        parsed = default;
        if (command.Length < HeadSize || command[IdSize] is not ((byte)'<' or (byte)'>'))
            return false;
        parsed.Id = (ushort)BigEndian.Read(command[..IdSize]);
        parsed.Acquires = command[IdSize] == (byte)'<';
        if (parsed.Acquires)
            parsed.IsMalformed = !parsed.TryParseRequest(command);
        return true;
    }

    /// <summary>Writes a command that begins to take a lock, without a limit. Its length doesn't count the NUL of the path.</summary>
    internal static ReadOnlySpan<byte> WriteAcquire(ushort id, bool exclusive, ReadOnlySpan<byte> path, Span<byte> buffer)
    {
        buffer = buffer[..SizeOfAcquire(path)];
        buffer.Clear();
        BigEndian.Write(buffer[..IdSize], id);
        buffer[IdSize] = (byte)'<';
        BigEndian.Write(buffer.Slice(HeadSize, sizeof(uint)), exclusive ? 1u : 0u);
        BigEndian.Write(buffer.Slice(AcquireHeadSize - sizeof(uint), sizeof(uint)), (uint)path.Length);
        path.CopyTo(buffer[AcquireHeadSize..]);
        return buffer;
    }

    /// <summary>The bytes of a command that begins to take a lock.</summary>
    internal static int SizeOfAcquire(ReadOnlySpan<byte> path) => AcquireHeadSize + path.Length + 1;

    private bool TryParseRequest(ReadOnlySpan<byte> command)
    {
        if (command.Length <= AcquireHeadSize)
            return false;
        ulong length = BigEndian.Read(command.Slice(AcquireHeadSize - sizeof(uint), sizeof(uint)));
        Path = command[AcquireHeadSize..];
        bool fits = length == (ulong)Path.Length || length + 1 == (ulong)Path.Length;
        if (!fits || Path.IndexOf((byte)0) != Path.Length - 1)
            return false;
        Exclusive = (BigEndian.Read(command.Slice(HeadSize, sizeof(uint))) & 1) != 0;
        ReadOnlySpan<byte> date = command[(HeadSize + sizeof(uint))..];
        bool valid = TaiDate.TryUnpack(date, out TaiDate limit);
        Limit = limit;
        HasLimit = limit.Label != 0;
        return valid;
    }
}
