using System;
using LocalService.Posix;

namespace LocalService.CommandLine;

/// <summary>
/// The variables that describe a connection (UCSPI): <c>PROTO</c>, and those whose names start with its value, such as
/// <c>IPCREMOTEEUID</c>.
/// </summary>
internal static unsafe class Ucspi
{
    /// <summary>The full name of a variable, in the given memory.</summary>
    internal static ReadOnlySpan<byte> Variable(Memory memory, ReadOnlySpan<byte> protocol, ReadOnlySpan<byte> name) =>
        Bytes.OfC(memory.CString(protocol, name));
}
