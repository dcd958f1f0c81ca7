using System;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;

namespace LocalService.Posix;

/// <summary>Unpredictable names for files that are built beside their final place and then renamed over it.</summary>
internal static unsafe class TemporaryName
{
    /// <summary>How often another name is tried when one is taken already.</summary>
    internal const int Attempts = 100;

    private const int RandomLength = 6;

    private static ReadOnlySpan<byte> Alphabet => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"u8;

    /// <summary><c>PATH:PROGRAM:</c> with a random end still to be chosen. It lives in the <see cref="Arena"/>.</summary>
    internal static CString Beside(ReadOnlySpan<byte> path, ReadOnlySpan<byte> program) =>
        Arena.CString(Bytes.OfC(Arena.CString(path, ":"u8, program)), ":XXXXXX"u8);

    /// <summary>
    /// Chooses another random end. It comes from the random bytes that the kernel gives each program at start, getauxval(3), which need no system
    /// call and no device; the stack protector uses the other half of them. The time makes every end in a process different.
    /// </summary>
    internal static void Choose(CString name)
    {
        var random = (ulong*)libc.getauxval(libc.AT_RANDOM);
        ulong bits = Mixed((random == null ? 0 : random[1]) + (ulong)Clock.Microseconds);
        byte* end = (byte*)name + Bytes.OfC(name).Length - RandomLength;
        for (int i = 0; i < RandomLength; i++)
        {
            end[i] = Alphabet[(int)(bits % (uint)Alphabet.Length)];
            bits /= (uint)Alphabet.Length;
        }
    }

    /// <summary>Creates a file with such a name, for reading and writing, and completes the name.</summary>
    internal static Result<int> Create(CString name, uint mode)
    {
        for (int attempt = 1; ; attempt++)
        {
            Choose(name);
            using var file = Descriptor.Open(LibC.AT_FDCWD, name, LibC.O_RDWR | LibC.O_CREAT | LibC.O_EXCL, mode);
            if (file.Number >= 0)
                return file.Release();
            Errno error = Errno.Last;
            if (!error.Is(libc.EEXIST) || attempt == Attempts)
                return error;
        }
    }

    // The finalizer of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators"): every bit depends on all.
    private static ulong Mixed(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
        value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
        return value ^ (value >> 31);
    }
}
