using System;
using LocalService.CommandLine;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Sudo;

/// <summary>Writes the client's message, which <see cref="SudoRequest"/> reads.</summary>
internal static unsafe class RequestText
{
    /// <summary>The message, in the <see cref="Arena"/>. It isn't longer than the limit of execve(2): some MiB.</summary>
    /// <param name="arguments">The command line, or the arguments of the server's program.</param>
    /// <param name="environment">The environment. Entries without <c>=</c> are left out, because a server refuses the whole message for one.</param>
    internal static ReadOnlySpan<byte> Of(Words arguments, EnvironmentBlock environment)
    {
        Total argumentTotal = default;
        for (int i = 0; i < arguments.Count; i++)
            argumentTotal.Count(arguments[i]);
        Total variableTotal = default;
        for (int i = 0; i < environment.Count; i++)
        {
            if (TryGetVariable(environment, i, out ReadOnlySpan<byte> variable))
                variableTotal.Count(variable);
        }

        int size = SudoWire.HeaderSize + argumentTotal.Size + variableTotal.Size;
        var message = new Span<byte>(Arena.Allocate((nuint)size), size);
        Span<byte> rest = Append(message, SudoWire.ClientBanner);
        rest = Append(rest, argumentTotal.Strings);
        rest = Append(rest, variableTotal.Strings);
        rest = Append(rest, argumentTotal.Size);
        rest = Append(rest, variableTotal.Size);
        for (int i = 0; i < arguments.Count; i++)
            rest = Append(Append(rest, arguments[i]), "\0"u8);
        for (int i = 0; i < environment.Count; i++)
        {
            if (TryGetVariable(environment, i, out ReadOnlySpan<byte> variable))
                rest = Append(Append(rest, variable), "\0"u8);
        }
        return message;
    }

    private static bool TryGetVariable(EnvironmentBlock environment, int index, out ReadOnlySpan<byte> variable)
    {
        variable = Bytes.OfC(environment.List[index]);
        return variable.IndexOf((byte)'=') >= 0;
    }

    private static Span<byte> Append(Span<byte> rest, ReadOnlySpan<byte> text)
    {
        text.CopyTo(rest);
        return rest[text.Length..];
    }

    private static Span<byte> Append(Span<byte> rest, int number)
    {
        BigEndian.Write(rest[..SudoWire.NumberSize], (uint)number);
        return rest[SudoWire.NumberSize..];
    }

    /// <summary>The number of strings, and their size with a NUL each.</summary>
    private struct Total
    {
        internal int Strings { get; private set; }

        internal int Size { get; private set; }

        internal void Count(ReadOnlySpan<byte> text)
        {
            Strings++;
            Size += text.Length + 1;
        }
    }
}
