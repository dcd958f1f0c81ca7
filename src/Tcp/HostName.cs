using System;
using System.Diagnostics.CodeAnalysis;
using LocalService.Dns.Packets;

namespace LocalService.Tcp;

/// <summary>
/// The name of a host, in the form for variables and keys of rules: lower case, labels separated by dots. The default value is no name. The owner of
/// an address chooses its name, so a name is accepted only when it can't be mistaken for anything else: printable ASCII without slash, and no dot
/// inside a label. Specification "tcp", B6.
/// </summary>
internal unsafe struct HostName
{
    /// <summary>The most bytes, without the final dot.</summary>
    internal const int Longest = DomainName.Longest - 2;

    private byte length;
    private fixed byte text[Longest + 1];

    /// <summary>Whether there is no name.</summary>
    internal readonly bool IsNone => length == 0;

    /// <summary>The name without a final dot. The span refers to this variable, and changes and ends with it.</summary>
    [UnscopedRef]
    internal readonly ReadOnlySpan<byte> Text
    {
        get
        {
            fixed (byte* start = text)
                return new ReadOnlySpan<byte>(start, length);
        }
    }

    /// <summary>The name with a final dot, in the form for variables; empty when there is none.</summary>
    [UnscopedRef]
    internal readonly ReadOnlySpan<byte> Full
    {
        get
        {
            fixed (byte* start = text)
                return new ReadOnlySpan<byte>(start, length == 0 ? 0 : length + 1);
        }
    }

    /// <summary>Takes a name as users write it. False when it isn't acceptable: then there is no name.</summary>
    internal bool TrySet(ReadOnlySpan<byte> written)
    {
        DomainName name = default;
        return !name.Parse(written).Failed && TrySet(name);
    }

    /// <summary>Takes a name of DNS. False when it isn't acceptable: then there is no name.</summary>
    internal bool TrySet(in DomainName name)
    {
        length = 0;
        ReadOnlySpan<byte> wire = name.Wire;
        int used = 0;
        for (int position = 0; position < wire.Length && wire[position] != 0;)
        {
            int end = position + wire[position] + 1;
            for (position++; position < end; position++)
            {
                byte character = wire[position];
                if (character is <= (byte)' ' or > (byte)'~' or (byte)'/' or (byte)'.')
                    return false;
                text[used++] = character is >= (byte)'A' and <= (byte)'Z' ? (byte)(character | 0x20) : character;
            }
            text[used++] = (byte)'.';
        }
        length = used == 0 ? (byte)0 : (byte)(used - 1);
        return length > 0;
    }
}
