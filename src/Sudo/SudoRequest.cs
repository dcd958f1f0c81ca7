using System;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Sudo;

/// <summary>The possible faults of a client's message, in the order of the checks.</summary>
internal enum RequestFault : byte
{
    None,
    WrongDescriptorCount,
    TooShort,
    WrongBanner,
    WrongSize,
    TooManyStrings,
    NothingToRun,

    /// <summary>Fewer arguments than counted, or the last one has no NUL.</summary>
    BadArguments,

    /// <summary>Fewer variables than counted, or the last one has no NUL.</summary>
    BadVariables,

    /// <summary>A variable without <c>=</c>.</summary>
    VariableWithoutName,
}

/// <summary>
/// The client's message: the program to run, with its arguments and environment. It only looks at the received bytes.
/// Specification "sudo", sections 4 and 4.1.
/// </summary>
internal readonly ref struct SudoRequest
{
    private readonly ReadOnlySpan<byte> arguments;
    private readonly ReadOnlySpan<byte> variables;
    private readonly int argumentCount;
    private readonly int variableCount;

    private SudoRequest(ReadOnlySpan<byte> arguments, int argumentCount, ReadOnlySpan<byte> variables, int variableCount)
    {
        this.arguments = arguments;
        this.argumentCount = argumentCount;
        this.variables = variables;
        this.variableCount = variableCount;
    }

    /// <summary>The arguments.</summary>
    internal RequestStrings Arguments => new(arguments, argumentCount);

    /// <summary>The environment, each string <c>NAME=VALUE</c>.</summary>
    internal RequestStrings Variables => new(variables, variableCount);

    /// <summary>Parses a message.</summary>
    /// <param name="data">Its bytes.</param>
    /// <param name="descriptors">The number of descriptors received with it.</param>
    /// <param name="hasProgram">Whether there is a program to run even without arguments.</param>
    /// <param name="request">The request, if the message is valid.</param>
    internal static RequestFault Parse(ReadOnlySpan<byte> data, int descriptors, bool hasProgram, out SudoRequest request)
    {
        request = default;
        if (descriptors != SudoWire.DescriptorCount)
            return RequestFault.WrongDescriptorCount;
        if (data.Length < SudoWire.HeaderSize)
            return RequestFault.TooShort;
        if (!data.StartsWith(SudoWire.ClientBanner))
            return RequestFault.WrongBanner;
        ulong argumentSize = Number(data, SudoWire.ArgumentSizeOffset);
        ulong variableSize = Number(data, SudoWire.VariableSizeOffset);
        if (argumentSize + variableSize != (ulong)(data.Length - SudoWire.HeaderSize))
            return RequestFault.WrongSize;
        ulong argumentCount = Number(data, SudoWire.ArgumentCountOffset);
        ulong variableCount = Number(data, SudoWire.VariableCountOffset);
        if (argumentCount > SudoWire.LargestCount || variableCount > SudoWire.LargestCount)
            return RequestFault.TooManyStrings;
        if (argumentCount == 0 && !hasProgram)
            return RequestFault.NothingToRun;

        ReadOnlySpan<byte> strings = data[SudoWire.HeaderSize..];
        request = new SudoRequest(strings[..(int)argumentSize], (int)argumentCount, strings[(int)argumentSize..], (int)variableCount);
        if (!request.Arguments.AreComplete)
            return RequestFault.BadArguments;
        if (!request.Variables.AreComplete)
            return RequestFault.BadVariables;
        RequestStrings named = request.Variables;
        while (named.MoveNext())
        {
            if (named.Current.IndexOf((byte)'=') < 0)
                return RequestFault.VariableWithoutName;
        }
        return RequestFault.None;
    }

    private static ulong Number(ReadOnlySpan<byte> data, int offset) => BigEndian.Read(data[offset..(offset + SudoWire.NumberSize)]);
}
