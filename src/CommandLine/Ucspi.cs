using System;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.CommandLine;

/// <summary>
/// How a program finds its connection (UCSPI): its descriptors, and the variables that describe it, which are <c>PROTO</c> and those whose
/// names start with its value, such as <c>IPCREMOTEEUID</c>.
/// </summary>
internal static unsafe class Ucspi
{
    /// <summary>The descriptor that a client program reads the connection from. Specification "client", section 1.</summary>
    internal const int ClientRead = 6;

    /// <summary>The descriptor that a client program writes to.</summary>
    internal const int ClientWrite = 7;

    /// <summary>The full name of a variable, in the given memory.</summary>
    internal static ReadOnlySpan<byte> Variable(Allocator memory, ReadOnlySpan<byte> protocol, ReadOnlySpan<byte> name) =>
        Bytes.OfC(memory.CString(protocol, name));
}
