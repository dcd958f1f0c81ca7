using System;
using LocalService.Libc;

namespace LocalService.Errors;

/// <summary>
/// The ends that no caller can do anything about. Each says what happened and leaves at once; nothing goes on after them. The loops tell the compiler.
/// </summary>
internal static unsafe class Abandon
{
    /// <summary>Exit code 101: the program contradicts itself (specification "conventions", section 3).</summary>
    internal static void InternalInconsistency()
    {
        while (true)
            Leave("localservice: fatal: internal inconsistency. Please submit a bug-report.\n"u8, 101);
    }

    /// <summary>Exit code 111: no memory for what a role needs before it starts its work.</summary>
    internal static void OutOfMemory()
    {
        while (true)
            Leave("localservice: fatal: unable to allocate memory: Cannot allocate memory\n"u8, 111);
    }

    /// <summary>Exit code 111: nothing can be put on a standard descriptor that was closed at start.</summary>
    internal static void ClosedDescriptor()
    {
        while (true)
            Leave("localservice: fatal: unable to open the null device for a closed standard descriptor\n"u8, 111);
    }

    private static void Leave(ReadOnlySpan<byte> message, int exitCode)
    {
        fixed (byte* text = message)
            _ = libc.write(libc.STDERR_FILENO, text, (nuint)message.Length);
        libc._exit(exitCode);
    }
}
