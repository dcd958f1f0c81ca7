using System;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.CommandLine;

/// <summary>
/// How a program finds its connection (UCSPI): its descriptors, and the variables that describe it. These are <c>PROTO</c> and the variables
/// whose names start with its value, such as <c>IPCREMOTEEUID</c>.
/// </summary>
internal static class Ucspi
{
    /// <summary>The descriptor that a client program reads the connection from. Specification "client", section 1.</summary>
    internal const int ClientRead = 6;

    /// <summary>The descriptor that a client program writes to.</summary>
    internal const int ClientWrite = 7;

    /// <summary>The variables that may describe a client besides its ids, each name ended by NUL.</summary>
    internal static ReadOnlySpan<byte> MoreOfClient => "REMOTEPID\0REMOTEPIDFD\0REMOTEGROUPS\0REMOTELABEL\0CONNGROUP\0CONNTOTAL\0"u8;

    /// <summary>Removes variables.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="memory">The memory in which their names are composed.</param>
    /// <param name="protocol">The prefix of the names.</param>
    /// <param name="names">The rest of each name, ended by NUL.</param>
    internal static void Unset(ref EnvironmentBlock environment, Allocator memory, ReadOnlySpan<byte> protocol, ReadOnlySpan<byte> names)
    {
        while (!names.IsEmpty)
        {
            ReadOnlySpan<byte> name = Bytes.UntilNul(names);
            environment.Unset(Variable(memory, protocol, name));
            names = names[(name.Length + 1)..];
        }
    }

    /// <summary>The full name of a variable, in the given memory.</summary>
    internal static ReadOnlySpan<byte> Variable(Allocator memory, ReadOnlySpan<byte> protocol, ReadOnlySpan<byte> name) =>
        Bytes.OfC(memory.CString(protocol, name));
}
