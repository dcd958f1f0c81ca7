using System;
using System.Runtime.CompilerServices;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;

namespace LocalService.Posix;

/// <summary>Unpredictable numbers: the kernel's random bytes, taken many at a time.</summary>
internal unsafe struct RandomNumbers
{
    private const int Count = 32;
    private const int Size = Count * sizeof(ulong);

    private int left;
    private fixed ulong numbers[Count];

    /// <summary>
    /// Makes sure that there are some. Fails where neither getrandom(2), which is newer than Linux 3.10, nor /dev/urandom is available.
    /// </summary>
    internal Errno Prepare()
    {
        if (left > 0)
            return default;
        fixed (ulong* start = numbers)
        {
            Errno error = FillFromKernel((byte*)start);
            if (error.MeansMissingCall)
                error = FillFromDevice((byte*)start);
            left = error.Failed ? 0 : Count;
            return error;
        }
    }

    /// <summary>64 random bits. When the kernel gives no more of them, the process ends: it must never send a number that could be guessed.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // called from many places
    internal ulong Next()
    {
        if (Prepare().Failed)
            Abandon.InternalInconsistency();
        ulong number = numbers[--left];
        numbers[left] = 0; // a used number can't be found in memory
        return number;
    }

    private static Errno FillFromKernel(byte* target)
    {
        for (int used = 0; used < Size;)
        {
            nint count = libc.getrandom(target + used, (nuint)(Size - used), 0);
            if (count >= 0)
                used += (int)count;
            else if (!Errno.Interrupted(count))
                return Errno.Last;
        }
        return default;
    }

    private static Errno FillFromDevice(byte* target)
    {
        fixed (byte* path = "/dev/urandom\0"u8)
        {
            using var device = new Descriptor(LibC.open(path, LibC.O_RDONLY | LibC.O_CLOEXEC, 0));
            if (device.Number < 0)
                return Errno.Last;
            nint count;
            do
                count = libc.read(device.Number, target, Size);
            while (Errno.Interrupted(count));
            Errno error = Errno.Of(count);
            return error.Failed || count == Size ? error : new Errno(libc.EIO);
        }
    }
}
