using System;
using LocalService.Libc;

namespace LocalService.Posix;

/// <summary>Names that nobody can foresee, for what is built beside its final place and renamed over it.</summary>
internal static unsafe class TemporaryName
{
    /// <summary>How often another name is tried when one is taken already.</summary>
    internal const int Attempts = 100;

    private const int RandomLength = 6;

    private static ReadOnlySpan<byte> Alphabet => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"u8;

    /// <summary><c>PATH:PROGRAM:</c> with a random end still to be chosen. It lives in the <see cref="Arena"/>.</summary>
    internal static byte* Beside(ReadOnlySpan<byte> path, ReadOnlySpan<byte> program) =>
        Arena.CString(Bytes.OfC(Arena.CString(path, ":"u8, program)), ":XXXXXX"u8);

    /// <summary>Chooses another random end.</summary>
    internal static Errno Choose(byte* name)
    {
        byte* random = stackalloc byte[RandomLength];
        if (libc.getrandom(random, RandomLength, 0) != RandomLength)
            return Errno.Last;
        byte* end = name + Bytes.OfC(name).Length - RandomLength;
        for (int i = 0; i < RandomLength; i++)
            end[i] = Alphabet[random[i] % Alphabet.Length];
        return default;
    }
}
