using System;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Sudo;

/// <summary>
/// The environment of a program that is run for a client: the server's, in which the client may only fill variables that the server left empty.
/// Specification "sudo", section 4.3.
/// </summary>
internal static unsafe class EnvironmentFilter
{
    /// <summary>
    /// The server's environment with the client's values in it, in the <see cref="Arena"/>, ended by a null pointer. If the server has a name
    /// several times, it is filled only if all of them are empty, and then in all of them: no program can read a different copy.
    /// PATH, PROTO, and names that begin with the value of PROTO are never filled, even if they are empty: they tell who the client is.
    /// </summary>
    /// <param name="server">The server's environment. Its names are the list of what clients may set.</param>
    /// <param name="client">
    /// The client's variables, each with a <c>=</c>, in memory that outlives this call. The first non-empty value counts.
    /// </param>
    internal static byte** Fill(EnvironmentBlock server, RequestStrings client)
    {
        byte** filled = Arena.AllocatePointers(server.Count + 1);
        for (int i = 0; i < server.Count; i++)
            filled[i] = server.List[i];
        while (client.MoveNext())
        {
            ReadOnlySpan<byte> variable = client.Current;
            ReadOnlySpan<byte> assignment = variable[..(variable.IndexOf((byte)'=') + 1)];
            bool hasValue = variable[assignment.Length] != 0;
            if (!hasValue || IsReserved(assignment, server) || !IsEmptyEverywhere(filled, assignment))
                continue;
            fixed (byte* text = variable)
            {
                for (int i = 0; i < server.Count; i++)
                {
                    if (BeginsWith(filled[i], assignment))
                        filled[i] = text;
                }
            }
        }
        return filled;
    }

    /// <summary>
    /// Whether only the server may set a variable. An empty PROTO reserves every name, because the protocol's own names are unknown.
    /// </summary>
    private static bool IsReserved(ReadOnlySpan<byte> assignment, EnvironmentBlock server)
    {
        if (assignment.SequenceEqual("PATH="u8) || assignment.SequenceEqual("PROTO="u8))
            return true;
        for (int i = 0; i < server.Count; i++)
        {
            ReadOnlySpan<byte> entry = Bytes.OfC(server.List[i]);
            if (entry.StartsWith("PROTO="u8) && assignment.StartsWith(entry["PROTO="u8.Length..]))
                return true;
        }
        return false;
    }

    private static bool IsEmptyEverywhere(byte** entries, ReadOnlySpan<byte> assignment)
    {
        for (; *entries != null; entries++)
        {
            if (BeginsWith(*entries, assignment) && (*entries)[assignment.Length] != 0)
                return false;
        }
        return true;
    }

    /// <summary>Whether an entry begins with <c>NAME=</c>.</summary>
    private static bool BeginsWith(byte* entry, ReadOnlySpan<byte> assignment)
    {
        for (int i = 0; i < assignment.Length; i++)
        {
            if (entry[i] != assignment[i])
                return false; // also at the end of the entry: an assignment holds no NUL
        }
        return true;
    }
}
