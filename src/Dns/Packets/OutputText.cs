using System;
using System.Runtime.CompilerServices;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Dns.Packets;

/// <summary>Text under construction. An error sticks, and shows in the end.</summary>
internal struct OutputText
{
    private ByteBuffer buffer;

    /// <summary>ENOMEM when something could not be added.</summary>
    internal Errno Error { get; private set; }

    /// <summary>A text in a process that ends soon, see <see cref="ByteBuffer.InArena"/>.</summary>
    /// <param name="size">How many bytes it usually has.</param>
    internal static OutputText InArena(int size) => new() { buffer = ByteBuffer.InArena(size) };

    internal readonly ReadOnlySpan<byte> Content => buffer.Content;

    internal readonly int Length => buffer.Length;

    [MethodImpl(MethodImplOptions.NoInlining)] // called from many places
    internal void Add(scoped ReadOnlySpan<byte> text)
    {
        Errno error = buffer.Add(text);
        if (error.Failed)
            Error = error;
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // called from many places
    internal void Add(byte single) => Add(new ReadOnlySpan<byte>(in single));

    [MethodImpl(MethodImplOptions.NoInlining)] // called from many places
    internal void Add(ulong number) => Add(Numbers.Decimal(number, stackalloc byte[Numbers.LongestText]));

    [MethodImpl(MethodImplOptions.NoInlining)] // called from many places
    internal void Add(in DomainName name) => Add(name.Format(stackalloc byte[DomainName.LongestText]));

    [MethodImpl(MethodImplOptions.NoInlining)] // called from many places
    internal void Add(IpAddress address) => Add(IpAddressText.Format(address, stackalloc byte[IpAddressText.LongestText]));

    /// <summary>Adds each byte as two hexadecimal digits.</summary>
    internal void AddHexadecimal(scoped ReadOnlySpan<byte> bytes)
    {
        foreach (byte value in bytes)
        {
            Add(HexDigit.Of(value >> 4));
            Add(HexDigit.Of(value & 15));
        }
    }

    /// <summary>Writes everything to a descriptor, and may wait. EBADF for a descriptor that was closed when the program started.</summary>
    internal readonly Errno Write(int descriptor)
    {
        if (Error.Failed || buffer.Length == 0)
            return Error;
        return UserDescriptor.IsOpen(descriptor) ? WaitingWrite.All(descriptor, buffer.Content) : new Errno(libc.EBADF);
    }

    internal void Clear() => buffer.Clear();
}
