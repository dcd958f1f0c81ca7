using System;
using LocalService.CommandLine;
using LocalService.Posix;

namespace LocalService.Rules;

/// <summary>The keys that a client's rules may be found under, one after the other. The first rule that is found decides.</summary>
internal interface IRuleKeys
{
    /// <summary>The length of the longest key.</summary>
    static abstract int LongestKey { get; }

    /// <summary>The next key.</summary>
    /// <param name="buffer">Memory for the key, at least <see cref="LongestKey"/> bytes.</param>
    /// <param name="key">The key, at the start of the buffer.</param>
    /// <returns>False after the last one.</returns>
    bool Next(Span<byte> buffer, out ReadOnlySpan<byte> key);
}

/// <summary>
/// The keys of a client that is known by its ids: <c>uid/self</c> and <c>gid/self</c> for those that the gate has itself,
/// <c>uid/N</c>, <c>gid/N</c>, and <c>uid/default</c>. Specification "access", section 2.1.
/// </summary>
/// <param name="client">The client's ids.</param>
/// <param name="self">The effective ids of the gate.</param>
internal struct PeerKeys(PeerCredentials client, PeerCredentials self) : IRuleKeys
{
    private int step;

    /// <summary>That of <c>uid/4294967295</c>.</summary>
    public static int LongestKey => 14;

    public bool Next(Span<byte> buffer, out ReadOnlySpan<byte> key)
    {
        key = default;
        while (key.IsEmpty)
        {
            switch (step++)
            {
                case 0 when client.UserId == self.UserId:
                    key = Join(buffer, "uid/self"u8);
                    break;
                case 1:
                    key = Join(buffer, "uid/"u8, client.UserId);
                    break;
                case 2 when client.GroupId == self.GroupId:
                    key = Join(buffer, "gid/self"u8);
                    break;
                case 3:
                    key = Join(buffer, "gid/"u8, client.GroupId);
                    break;
                case 4:
                    key = Join(buffer, "uid/default"u8);
                    break;
                case > 4:
                    return false;
            }
        }
        return true;
    }

    private static ReadOnlySpan<byte> Join(Span<byte> buffer, ReadOnlySpan<byte> kind, uint id) =>
        Join(buffer, kind, Numbers.Decimal(id, stackalloc byte[Numbers.LongestText]));

    private static ReadOnlySpan<byte> Join(Span<byte> buffer, ReadOnlySpan<byte> kind, scoped ReadOnlySpan<byte> id = default)
    {
        kind.CopyTo(buffer);
        id.CopyTo(buffer[kind.Length..]);
        return buffer[..(kind.Length + id.Length)];
    }
}
