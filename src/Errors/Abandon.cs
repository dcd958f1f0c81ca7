using System;
using LocalService.Libc;

namespace LocalService.Errors;

/// <summary>
/// The fatal errors that no caller can handle. Each reports the error and exits at once. The loops tell the compiler that they don't return.
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

    /// <summary>Exit code 111: a standard descriptor was closed at start, and nothing can be opened in its place.</summary>
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
