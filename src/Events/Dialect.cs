using System;

namespace LocalService.Events;

/// <summary>The two generations of event notification, in the order of <see cref="DialectGreeting.Protocols"/>. Specification "ftrig", section 4.3.</summary>
internal enum Dialect
{
    /// <summary>Up to 2.11: an event is the last byte of a match.</summary>
    Byte,

    /// <summary>From 2.15 on: an event is everything that was read since the last one.</summary>
    Text,
}

/// <summary>How clients say which generation they are.</summary>
internal static class DialectGreeting
{
    /// <summary>The protocols, each ended by NUL.</summary>
    internal static ReadOnlySpan<byte> Protocols => "ftrigr v1.0\0ftrigr v2.0\0"u8;

    /// <summary>The protocol of one of them, ended by NUL.</summary>
    internal static ReadOnlySpan<byte> Of(Dialect dialect) => dialect == Dialect.Byte ? "ftrigr v1.0\0"u8 : "ftrigr v2.0\0"u8;
}
