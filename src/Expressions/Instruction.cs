namespace LocalService.Expressions;

/// <summary>
/// A word of a program: an operation, and an operand that is a byte, or a distance in words from this word to another one.
/// Programs hold no address, so that a part of one can be moved and copied.
/// </summary>
internal static class Instruction
{
    private const int OperationBits = 3;

    internal static int Of(Operation operation, int operand = 0) => (operand << OperationBits) | (int)operation;

    internal static Operation OperationOf(int word) => (Operation)(word & ((1 << OperationBits) - 1));

    internal static int OperandOf(int word) => word >> OperationBits;
}

/// <summary>The operation of a state of the automaton.</summary>
internal enum Operation
{
    /// <summary>The expression has matched.</summary>
    Match,

    /// <summary>Consumes one byte, which must be the operand.</summary>
    Byte,

    /// <summary>Consumes any byte.</summary>
    Any,

    /// <summary>Consumes a byte of the set in the <see cref="ByteSet.Words"/> that follow.</summary>
    Set,

    /// <summary>Continues at the distance in the operand.</summary>
    Jump,

    /// <summary>Continues both behind this word and at the distance in the operand.</summary>
    Fork,

    /// <summary>Continues if a condition holds at this position of the subject: the operand is an <see cref="Assertion"/>.</summary>
    Assert,
}

/// <summary>Conditions on a position between bytes, named by the character after the backslash in their GNU spelling.</summary>
internal static class Assertion
{
    /// <summary>Also <c>^</c>.</summary>
    internal const byte Start = (byte)'`';

    /// <summary>Also <c>$</c>.</summary>
    internal const byte End = (byte)'\'';

    internal const byte WordStart = (byte)'<';
    internal const byte WordEnd = (byte)'>';
    internal const byte WordBoundary = (byte)'b';
    internal const byte NotWordBoundary = (byte)'B';
}
