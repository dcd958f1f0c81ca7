using System;
using LocalService.Dns.Packets;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Dns;

/// <summary>The ways a question can fail, as error numbers: those of the system, some with a meaning of their own. Specification "dns", section 2.4.</summary>
internal static class DnsError
{
    /// <summary>No server gave a usable answer.</summary>
    internal static Errno NoServer => new(libc.ENETUNREACH);

    /// <summary>The caller's time limit has passed.</summary>
    internal static Errno TimedOut => new(libc.ETIMEDOUT);

    /// <summary>The name doesn't exist.</summary>
    internal static Errno NoSuchDomain => new(libc.ENOENT);

    /// <summary>The error of a response code; none for 0.</summary>
    internal static Errno OfResponseCode(int code) => code switch
    {
        ResponseCode.Success => default,
        ResponseCode.FormatError => new Errno(libc.EILSEQ),
        ResponseCode.ServerFailure => new Errno(libc.EBUSY),
        ResponseCode.NameError => new Errno(libc.ENOENT),
        ResponseCode.NotImplemented => new Errno(libc.EOPNOTSUPP),
        ResponseCode.Refused => new Errno(libc.ECONNREFUSED),
        _ => new Errno(libc.EIO),
    };

    /// <summary>The text for users.</summary>
    internal static ReadOnlySpan<byte> Text(Errno error) => error.Number switch
    {
        libc.ENETUNREACH => "no available DNS server"u8,
        libc.EILSEQ => "server did not understand query"u8,
        libc.EBUSY => "server failure"u8,
        libc.ENOENT => "no such domain"u8,
        libc.EOPNOTSUPP => "not implemented in server"u8,
        libc.ECONNREFUSED => "server refused"u8,
        libc.EIO => "unknown network error"u8,
        libc.ETIMEDOUT => "query timed out"u8,
        libc.EPROTO => "malformed packet"u8,
        libc.EINVAL => "invalid name"u8,
        libc.ENAMETOOLONG => "name too long"u8,
        _ => error.Text,
    };
}
