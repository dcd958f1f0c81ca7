using System;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;

namespace LocalService.Posix;

/// <summary>
/// What ps(1) shows of the process. A role that takes over in the same process has no execve(2) to set it, so a server would keep the command line of
/// the first program of its chain.
/// </summary>
internal static unsafe class ProcessTitle
{
    // Fields of /proc/PID/stat, proc(5), counted from 1.
    private const int FirstFieldAfterName = 3;
    private const int StartCode = 26;
    private const int EndCode = 27;
    private const int StartStack = 28;
    private const int StartData = 45;
    private const int EndData = 46;
    private const int StartHeap = 47;
    private const int EnvironmentStart = 50;
    private const int EnvironmentEnd = 51;
    private const int FieldCount = 52;

    /// <summary>
    /// Sets the command line that is shown for the process, and makes the base name of its first word the process name. Without /proc nobody can
    /// look, so nothing is done; if the kernel refuses, the old command line stays.
    /// </summary>
    internal static void Set(byte** words)
    {
        byte* name = words[0] + Bytes.OfC(words[0]).LastIndexOf((byte)'/') + 1;
        _ = libc.prctl(libc.PR_SET_NAME, (nint)name, 0, 0, 0);
        ulong* fields = stackalloc ulong[FieldCount];
        if (!TryReadMemoryMap(fields))
            return;
        int size = 0;
        for (int i = 0; words[i] != null; i++)
            size += Bytes.OfC(words[i]).Length + 1;
        // The kernel shows anonymous memory only.
        byte* area = Arena.AllocateAnonymous((nuint)size);
        CopyWords(words, new Span<byte>(area, size));
        var map = new libc.prctl_mm_map
        {
            start_code = fields[StartCode],
            end_code = fields[EndCode],
            start_data = fields[StartData],
            end_data = fields[EndData],
            start_brk = fields[StartHeap],
            brk = (ulong)libc.sbrk(0),
            start_stack = fields[StartStack],
            arg_start = (ulong)area,
            arg_end = (ulong)area + (ulong)size,
            env_start = fields[EnvironmentStart],
            env_end = fields[EnvironmentEnd],
            exe_fd = uint.MaxValue,
        };
        _ = libc.prctl(libc.PR_SET_MM, libc.PR_SET_MM_MAP, (nint)(&map), sizeof(libc.prctl_mm_map), 0);
    }

    private static void CopyWords(byte** words, Span<byte> area)
    {
        for (int i = 0; words[i] != null; i++)
        {
            ReadOnlySpan<byte> word = Bytes.OfC(words[i]);
            word.CopyTo(area);
            area = area[(word.Length + 1)..];
        }
    }

    /// <summary>Reads the numbers of /proc/self/stat; those before the name of the process stay as they are.</summary>
    private static bool TryReadMemoryMap(ulong* fields)
    {
        const int LargestStatus = 2048;
        byte* buffer = stackalloc byte[LargestStatus];
        nint size;
        fixed (byte* path = "/proc/self/stat\0"u8)
        {
            using var file = Descriptor.Open(LibC.AT_FDCWD, path, LibC.O_RDONLY);
            do
                size = libc.read(file.Number, buffer, LargestStatus);
            while (Errno.Interrupted(size));
        }
        if (size <= 0)
            return false;
        var text = new ReadOnlySpan<byte>(buffer, (int)size);
        // The name of the process is in parentheses and may hold any byte.
        text = text[(text.LastIndexOf((byte)')') + 1)..];
        int field = FirstFieldAfterName - 1;
        ulong value = 0;
        foreach (byte character in text)
        {
            if (character is >= (byte)'0' and <= (byte)'9')
                value = value * 10 + (ulong)(character - '0');
            else if (character == (byte)' ')
                value = 0;
            field += character == (byte)' ' ? 1 : 0;
            if (field < FieldCount)
                fields[field] = value;
        }
        return field >= EnvironmentEnd;
    }
}
