using System;
using System.Diagnostics.CodeAnalysis;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;
using LocalService.Rules;

namespace LocalService.Tcp.Ident;

/// <summary>
/// The answer of an IDENT server (RFC 1413): a name, or why there is none. Printable ASCII only, as the client may have a hand in it.
/// Specification "tcp", section 6, with B11.
/// </summary>
internal unsafe struct IdentAnswer
{
    private byte length;
    private fixed byte text[TcpRulesKeys.LongestInformation];

    /// <summary>Whether there is a name.</summary>
    internal bool IsName { get; private set; }

    /// <summary>The name, or the token of an error. The span refers to this variable.</summary>
    [UnscopedRef]
    internal readonly ReadOnlySpan<byte> Text
    {
        get
        {
            fixed (byte* start = text)
                return new ReadOnlySpan<byte>(start, length);
        }
    }

    /// <summary>Why there is no name, for users.</summary>
    internal readonly ReadOnlySpan<byte> Refusal =>
        Text.SequenceEqual("INVALID-PORT"u8) ? "invalid port"u8
        : Text.SequenceEqual("NO-USER"u8) ? "no such user"u8
        : Text.SequenceEqual("HIDDEN-USER"u8) ? "identification denied"u8
        : Text.SequenceEqual("UNKNOWN-ERROR"u8) ? "unknown error"u8
        : "X-error-token"u8;

    /// <summary>Sets the answer for a connection that was closed without one.</summary>
    internal void SetUnknown() => _ = Set("UNKNOWN-ERROR"u8, isName: false);

    /// <summary>Reads a line, without its end.</summary>
    /// <param name="line">The line.</param>
    /// <param name="remotePort">The port that was asked about, at the server's end.</param>
    /// <param name="localPort">The same at this end.</param>
    /// <returns>EPROTO when it isn't an answer to this question; ENAMETOOLONG for a name above 255 bytes.</returns>
    internal Errno Parse(ReadOnlySpan<byte> line, ushort remotePort, ushort localPort)
    {
        if (!line.IsEmpty && line[line.Length - 1] == (byte)'\r')
            line = line[..(line.Length - 1)];
        bool isAnswer = TakeField(ref line, (byte)',', out ReadOnlySpan<byte> remote)
            && TakeField(ref line, (byte)':', out ReadOnlySpan<byte> local)
            && IsPort(remote, remotePort) && IsPort(local, localPort);
        if (!isAnswer)
            return new Errno(libc.EPROTO);
        if (!TakeField(ref line, (byte)':', out ReadOnlySpan<byte> kind))
            return new Errno(libc.EPROTO);
        if (kind.SequenceEqual("ERROR"u8))
            return Set(Trim(line), isName: false);
        if (!kind.SequenceEqual("USERID"u8) || !TakeField(ref line, (byte)':', out _))
            return new Errno(libc.EPROTO);
        return Set(line.Length > 0 && line[0] == (byte)' ' ? line[1..] : line, isName: true);
    }

    private Errno Set(ReadOnlySpan<byte> value, bool isName)
    {
        if (value.Length > TcpRulesKeys.LongestInformation)
            return new Errno(libc.ENAMETOOLONG);
        for (int i = 0; i < value.Length; i++)
        {
            if (value[i] is < (byte)' ' or > (byte)'~')
                return new Errno(libc.EPROTO);
            text[i] = value[i];
        }
        length = (byte)value.Length;
        IsName = isName;
        return default;
    }

    private static bool TakeField(ref ReadOnlySpan<byte> line, byte end, out ReadOnlySpan<byte> field)
    {
        int length = line.IndexOf(end);
        field = length < 0 ? default : Trim(line[..length]);
        if (length >= 0)
            line = line[(length + 1)..];
        return length >= 0;
    }

    private static bool IsPort(ReadOnlySpan<byte> field, ushort port) => SocketAddress.TryParsePort(field, out ushort number) && number == port;

    private static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> field)
    {
        int start = 0;
        int end = field.Length;
        while (start < end && field[start] is (byte)' ' or (byte)'\t')
            start++;
        while (end > start && field[end - 1] is (byte)' ' or (byte)'\t')
            end--;
        return field[start..end];
    }
}
