using System;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Tcp;

/// <summary>
/// Ports by number or by name. Names are looked up in /etc/services, services(5), directly: there is no name service switch in a static
/// executable. Specification "tcp", sections 6 and 8, B21.
/// </summary>
internal static unsafe class ServicePort
{
    private const int ChunkSize = 8 * 1024;

    /// <summary>Reads a port, or finds it by its name.</summary>
    /// <param name="text">The whole word.</param>
    /// <param name="protocol"><c>tcp</c> or <c>udp</c>.</param>
    /// <param name="port">Gets the port.</param>
    /// <returns>False when it is neither a number up to 65535 nor the name or an alias of a service over this protocol.</returns>
    internal static bool TryParse(ReadOnlySpan<byte> text, ReadOnlySpan<byte> protocol, out ushort port) =>
        SocketAddress.TryParsePort(text, out port) || TryFind(text, protocol, out port);

    /// <summary>Finds a service by its name or an alias.</summary>
    internal static bool TryFind(ReadOnlySpan<byte> name, ReadOnlySpan<byte> protocol, out ushort port)
    {
        port = 0;
        if (name.IsEmpty || name.IndexOf((byte)'/') >= 0)
            return false;
        Result<int> opened;
        fixed (byte* path = "/etc/services\0"u8)
            opened = RegularFile.Open(LibC.AT_FDCWD, path, out _);
        if (opened.Failed)
            return false;
        using var file = new Descriptor(opened.Value);
        Span<byte> chunk = stackalloc byte[ChunkSize];
        for (long offset = 0; ;)
        {
            Result<int> size = RegularFile.ReadAt(file.Number, offset, chunk);
            if (size.Failed || size.Value == 0)
                return false;
            ReadOnlySpan<byte> content = chunk[..size.Value];
            // The last line of a full chunk is read again with the next one; a line that fills a chunk names nothing.
            int end = size.Value < ChunkSize ? size.Value : content.LastIndexOf((byte)'\n') + 1;
            if (TryFindLine(content[..end], name, protocol, out port))
                return true;
            offset += end == 0 ? size.Value : end;
        }
    }

    /// <summary>Finds a service in lines of the form <c>NAME PORT/PROTOCOL ALIAS...</c>, with comments behind <c>#</c>.</summary>
    internal static bool TryFindLine(ReadOnlySpan<byte> lines, ReadOnlySpan<byte> name, ReadOnlySpan<byte> protocol, out ushort port)
    {
        port = 0;
        while (!lines.IsEmpty)
        {
            int end = lines.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = end < 0 ? lines : lines[..end];
            lines = end < 0 ? default : lines[(end + 1)..];
            int comment = line.IndexOf((byte)'#');
            if (TryMatch(comment < 0 ? line : line[..comment], name, protocol, out port))
                return true;
        }
        return false;
    }

    private static bool TryMatch(ReadOnlySpan<byte> line, ReadOnlySpan<byte> name, ReadOnlySpan<byte> protocol, out ushort port)
    {
        bool isNamed = NextWord(ref line).SequenceEqual(name);
        ReadOnlySpan<byte> number = NextWord(ref line);
        int slash = number.IndexOf((byte)'/');
        port = 0;
        if (slash < 0 || !number[(slash + 1)..].SequenceEqual(protocol) || !SocketAddress.TryParsePort(number[..slash], out port))
            return false;
        while (!isNamed && !line.IsEmpty)
            isNamed = NextWord(ref line).SequenceEqual(name);
        return isNamed;
    }

    private static ReadOnlySpan<byte> NextWord(ref ReadOnlySpan<byte> line)
    {
        int start = 0;
        while (start < line.Length && line[start] is (byte)' ' or (byte)'\t')
            start++;
        int end = start;
        while (end < line.Length && line[end] is not ((byte)' ' or (byte)'\t'))
            end++;
        ReadOnlySpan<byte> word = line[start..end];
        line = line[end..];
        return word;
    }
}
