using System;
using LocalService.Errors;

namespace LocalService.Expressions;

/// <summary>
/// Runs a program on a subject: byte by byte, with the set of all possible states. A state is the index of its word, and enters
/// the set at most once for each byte, so that the work is bounded by the two lengths.
/// </summary>
internal ref struct Automaton
{
    /// <summary>The number of memory units for each word of the program.</summary>
    internal const int MemoryFactor = 3;

    private readonly ReadOnlySpan<int> program;
    private readonly ReadOnlySpan<byte> subject;

    // For each state, the position in the subject, counted from 1, where it was last entered.
    private readonly Span<ushort> entered;
    private Span<ushort> states;
    private Span<ushort> nextStates;
    private int count;
    private int nextCount;

    /// <summary>Prepares to run.</summary>
    /// <param name="program">The program.</param>
    /// <param name="subject">The subject.</param>
    /// <param name="memory">Memory, <see cref="MemoryFactor"/> times the size of the program.</param>
    internal Automaton(ReadOnlySpan<int> program, ReadOnlySpan<byte> subject, Span<ushort> memory)
    {
        // Both are counted in 16 bits.
        if (program.Length > Expression.LongestProgram || subject.Length > ushort.MaxValue - 2)
            Abandon.InternalInconsistency();
        this.program = program;
        this.subject = subject;
        entered = memory[..program.Length];
        entered.Clear();
        states = memory.Slice(program.Length, program.Length);
        nextStates = memory[(2 * program.Length)..];
    }

    /// <summary>Whether the subject is a part of something longer, in which <c>^</c> and <c>$</c> match nowhere.</summary>
    internal bool IsFragment { get; init; }

    /// <summary>The total number of states entered, for tests of the bound.</summary>
    internal int Steps { get; private set; }

    /// <summary>Whether the expression matches anywhere in the subject.</summary>
    internal bool Run()
    {
        for (int place = 0; ; place++)
        {
            count = Enter(0, place, states, count); // a match may begin anywhere
            if (Spread(place))
                return true;
            if (place == subject.Length)
                return false;
            Step(place);
            Advance();
        }
    }

    /// <summary>The end of the longest match that begins at a position; -1 when none begins there.</summary>
    internal int LongestFrom(int start)
    {
        entered.Clear();
        int end = -1;
        count = Enter(0, start, states, 0);
        for (int place = start; count > 0; place++)
        {
            if (Spread(place))
                end = place;
            if (place == subject.Length)
                break;
            Step(place);
            Advance();
        }
        return end;
    }

    private void Advance()
    {
        Span<ushort> former = states;
        states = nextStates;
        nextStates = former;
        count = nextCount;
        nextCount = 0;
    }

    /// <summary>Follows the instructions that consume no byte. True when they lead to a match.</summary>
    private bool Spread(int place)
    {
        bool matches = false;
        for (int i = 0; i < count; i++)
        {
            int state = states[i];
            int operand = Instruction.OperandOf(program[state]);
            Operation operation = Instruction.OperationOf(program[state]);
            matches |= operation == Operation.Match;
            if (operation == Operation.Fork || (operation == Operation.Assert && Holds((byte)operand, place)))
                count = Enter(state + 1, place, states, count);
            if (operation is Operation.Fork or Operation.Jump)
                count = Enter(state + operand, place, states, count);
        }
        return matches;
    }

    /// <summary>Consumes the byte at a position.</summary>
    private void Step(int place)
    {
        byte taken = subject[place];
        for (int i = 0; i < count; i++)
        {
            int state = states[i];
            int size = Instruction.OperationOf(program[state]) switch
            {
                Operation.Byte when Instruction.OperandOf(program[state]) == taken => 1,
                Operation.Any => 1,
                Operation.Set when ByteSet.Contains(program.Slice(state + 1, ByteSet.Words), taken) => 1 + ByteSet.Words,
                _ => 0,
            };
            if (size > 0)
                nextCount = Enter(state + size, place + 1, nextStates, nextCount);
        }
    }

    private int Enter(int state, int place, Span<ushort> set, int size)
    {
        if (entered[state] == place + 1)
            return size;
        entered[state] = (ushort)(place + 1);
        set[size] = (ushort)state;
        Steps++;
        return size + 1;
    }

    private readonly bool Holds(byte assertion, int place)
    {
        bool before = place > 0 && IsWord(subject[place - 1]);
        bool after = place < subject.Length && IsWord(subject[place]);
        return assertion switch
        {
            Assertion.Start => place == 0 && !IsFragment,
            Assertion.End => place == subject.Length && !IsFragment,
            Assertion.WordStart => !before && after,
            Assertion.WordEnd => before && !after,
            Assertion.WordBoundary => before != after,
            _ => before == after,
        };
    }

    private static bool IsWord(byte value) => value is (byte)'_' or (>= (byte)'0' and <= (byte)'9') || (value | 0x20) is >= 'a' and <= 'z';
}
