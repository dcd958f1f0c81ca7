using System;

namespace LocalService.Expressions;

/// <summary>
/// Composes a program from the parts of an expression. A part is a sequence of words that is entered at its first word and left
/// behind its last one. When the memory is full, nothing more is written and <see cref="IsFull"/> is set.
/// </summary>
internal ref struct ProgramWriter(Span<int> program)
{
    /// <summary>No upper limit for a repetition.</summary>
    internal const int Unlimited = -1;

    private readonly Span<int> program = program;

    /// <summary>The number of words.</summary>
    internal int Length { get; private set; }

    /// <summary>Whether something didn't fit.</summary>
    internal bool IsFull { get; private set; }

    /// <summary>Adds an instruction.</summary>
    internal void Add(Operation operation, int operand = 0)
    {
        if (HasRoom(1))
            program[Length++] = Instruction.Of(operation, operand);
    }

    /// <summary>Adds the instruction that consumes a byte of a set.</summary>
    /// <param name="set">The set, still empty, for the caller to fill; unusable when the program is full.</param>
    internal void AddSet(out Span<int> set)
    {
        set = default;
        if (!HasRoom(1 + ByteSet.Words))
            return;
        Add(Operation.Set);
        set = program.Slice(Length, ByteSet.Words);
        set.Clear();
        Length += ByteSet.Words;
    }

    /// <summary>Turns the words from the start on into a branch. Another branch has to follow.</summary>
    /// <param name="start">The start of the branch.</param>
    /// <param name="pending">The jumps from the ends of branches, for <see cref="EndBranches"/>; 0 at first.</param>
    internal void EndBranch(int start, ref int pending)
    {
        if (!HasRoom(2))
            return;
        Insert(start, Instruction.Of(Operation.Fork, Length - start + 2));
        // Until their distances are known, the jumps form a list: each points back to the previous one.
        Add(Operation.Jump, pending);
        pending = Length;
    }

    /// <summary>Leads the ends of all branches here.</summary>
    internal void EndBranches(int pending)
    {
        while (pending > 0 && !IsFull)
        {
            int former = Instruction.OperandOf(program[pending - 1]);
            program[pending - 1] = Instruction.Of(Operation.Jump, Length - (pending - 1));
            pending = former;
        }
    }

    /// <summary>Repeats the part from the start up to here.</summary>
    internal void Repeat(int start, int least, int most)
    {
        int size = Length - start;
        if (most == 0)
            Length = start;
        if (most == 0 || size == 0)
            return;
        int copies = most != Unlimited ? most : least > 0 ? least : 1;
        if (!HasRoom((long)(size + 1) * (copies - 1) + 2))
            return;
        int back = most == Unlimited ? 1 : 0;
        if (least == 0)
            Insert(start++, Instruction.Of(Operation.Fork, 1 + size + back));
        for (int i = 1; i < copies; i++)
        {
            if (i >= least)
                Add(Operation.Fork, 1 + size);
            program.Slice(start, size).CopyTo(program[Length..]);
            Length += size;
        }
        if (back > 0)
            Add(Operation.Fork, -size);
    }

    private void Insert(int position, int word)
    {
        for (int i = Length++; i > position; i--)
            program[i] = program[i - 1];
        program[position] = word;
    }

    private bool HasRoom(long words)
    {
        IsFull |= words > program.Length - Length;
        return !IsFull;
    }
}
