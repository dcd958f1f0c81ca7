using System;
using LocalService.Errors;
using LocalService.Expressions;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Messages;
using LocalService.Posix;
using LocalService.Rules;

namespace LocalService.FdHolder;

/// <summary>
/// The rights of a client, from the environment of its rule. It keeps the memory of its expressions for the next client. Specification "fdholder",
/// section 3.5, with decision 19: an empty expression gives no right.
/// </summary>
internal unsafe struct Rights
{
    private ByteBuffer programs; // of the expression for storing, then of that for retrieving
    private int storeWords;

    /// <summary>Whether it may list names.</summary>
    internal bool MayList { get; private set; }

    /// <summary>Whether it may read everything at once.</summary>
    internal bool MayGetDump { get; private set; }

    /// <summary>Whether it may write everything at once.</summary>
    internal bool MaySetDump { get; private set; }

    /// <summary>The most descriptors that may wait for the rest of one of its messages: none when it may neither store nor set a dump.</summary>
    internal readonly int MostDescriptors => MaySetDump ? MessageFormat.MostDescriptors : storeWords > 0 ? 1 : 0;

    private readonly ReadOnlySpan<int> Programs => new(programs.Pointer, programs.Length / sizeof(int));

    /// <summary>Whether it may store and delete a descriptor of this name.</summary>
    internal readonly bool MayStore(ReadOnlySpan<byte> name) => IsMatch(Programs[..storeWords], name);

    /// <summary>Whether it may retrieve a descriptor of this name.</summary>
    internal readonly bool MayRetrieve(ReadOnlySpan<byte> name) => IsMatch(Programs[storeWords..], name);

    /// <summary>Takes the rights from the edits of a rule.</summary>
    /// <returns>EINVAL for an invalid expression, which is then described; ENOMEM.</returns>
    internal Errno Set(ReadOnlySpan<byte> edits, out InvalidExpression invalid)
    {
        programs.Clear();
        MayList = TryGet(edits, "S6_FDHOLDER_LIST"u8, out _);
        MayGetDump = TryGet(edits, "S6_FDHOLDER_GETDUMP"u8, out _);
        MaySetDump = TryGet(edits, "S6_FDHOLDER_SETDUMP"u8, out _);
        Errno error = Compile(edits, "S6_FDHOLDER_STORE_REGEX"u8, out invalid);
        storeWords = Programs.Length;
        return error && Compile(edits, "S6_FDHOLDER_RETRIEVE_REGEX"u8, out invalid);
    }

    private Errno Compile(ReadOnlySpan<byte> edits, ReadOnlySpan<byte> variable, out InvalidExpression invalid)
    {
        invalid = default;
        if (!TryGet(edits, variable, out ReadOnlySpan<byte> value) || value.IsEmpty)
            return default;
        Span<int> program = stackalloc int[Expression.LongestProgram];
        ExpressionError error = Expression.Compile(value, program, out int length);
        if (error != ExpressionError.None)
        {
            invalid = new InvalidExpression { Variable = variable, Value = value, Error = error };
            return new Errno(libc.EINVAL);
        }
        fixed (int* words = program)
            return programs.Add(new ReadOnlySpan<byte>(words, length * sizeof(int)));
    }

    /// <summary>The value of the first edit that sets a variable.</summary>
    private static bool TryGet(ReadOnlySpan<byte> edits, ReadOnlySpan<byte> variable, out ReadOnlySpan<byte> value)
    {
        var all = new Edits(edits);
        while (all.MoveNext())
        {
            if (all.IsUnset || !all.Name.SequenceEqual(variable))
                continue;
            value = all.Value;
            return true;
        }
        value = default;
        return false;
    }

    private static bool IsMatch(ReadOnlySpan<int> program, ReadOnlySpan<byte> name) => !program.IsEmpty && Expression.IsMatch(program, name);
}

/// <summary>An invalid expression of a rule.</summary>
internal ref struct InvalidExpression
{
    internal ReadOnlySpan<byte> Variable;
    internal ReadOnlySpan<byte> Value;
    internal ExpressionError Error;
}
