using System;
using LocalService.Libc;

namespace LocalService.Memory;

/// <summary>
/// A hash of names with a secret key, so that an attacker who chooses names can't choose them all for the same slot of a table:
/// SipHash-1-3 (Aumasson and Bernstein, "SipHash: a fast short-input PRF").
/// </summary>
internal readonly unsafe struct KeyedHash(ulong key0, ulong key1)
{
    private const int WordSize = sizeof(ulong);

    /// <summary>Keyed with the random bytes that the kernel gives each program at start, getauxval(3).</summary>
    internal static KeyedHash OfThisProcess()
    {
        var random = (ulong*)libc.getauxval(libc.AT_RANDOM);
        return random == null ? default : new KeyedHash(random[0], random[1]);
    }

    internal ulong Of(ReadOnlySpan<byte> name)
    {
        var state = new State
        {
            A = key0 ^ 0x736f6d6570736575,
            B = key1 ^ 0x646f72616e646f6d,
            C = key0 ^ 0x6c7967656e657261,
            D = key1 ^ 0x7465646279746573,
        };
        ulong last = (ulong)name.Length << 56;
        while (name.Length >= WordSize)
        {
            state.Absorb(WordOf(name[..WordSize]));
            name = name[WordSize..];
        }
        state.Absorb(last | WordOf(name));
        state.C ^= 0xff;
        state.Mix();
        state.Mix();
        state.Mix();
        return state.A ^ state.B ^ state.C ^ state.D;
    }

    private static ulong WordOf(ReadOnlySpan<byte> bytes)
    {
        ulong word = 0;
        for (int i = 0; i < bytes.Length; i++)
            word |= (ulong)bytes[i] << (8 * i);
        return word;
    }

    private struct State
    {
        internal ulong A;
        internal ulong B;
        internal ulong C;
        internal ulong D;

        internal void Absorb(ulong word)
        {
            D ^= word;
            Mix();
            A ^= word;
        }

        internal void Mix()
        {
            A += B;
            B = Rotated(B, 13) ^ A;
            A = Rotated(A, 32);
            C += D;
            D = Rotated(D, 16) ^ C;
            A += D;
            D = Rotated(D, 21) ^ A;
            C += B;
            B = Rotated(B, 17) ^ C;
            C = Rotated(C, 32);
        }

        private static ulong Rotated(ulong word, int bits) => word << bits | word >> (64 - bits);
    }
}
