using System;
using System.Runtime.CompilerServices;
using LocalService.Errors;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.CommandLine;

/// <summary>
/// Reads a command line as declared by a role: letters, clusters of them, attached and detached arguments, <c>--long-name</c> and
/// <c>--long-name=argument</c> in full, <c>--</c>, no permutation; then the operands. If the declaration has no option, every word is an
/// operand. Specification "conventions", section 1.1.
/// </summary>
/// <remarks>
/// Reading stops at the first mistake: there are no further options, and arguments and operands have no value. A role reads everything,
/// then checks <see cref="IsWrong"/> once. Methods that many roles call aren't inlined.
/// </remarks>
/// <param name="words">The command line, its first word being the name of the program.</param>
/// <param name="declaration">The options and operands, in the form of <see cref="DeclarationLine"/>. Only given options are looked up in it.</param>
internal unsafe ref struct OptionReader(Words words, ReadOnlySpan<byte> declaration)
{
    private readonly ReadOnlySpan<byte> declaration = declaration;
    private int index = 1;
    private int offset;
    private int operands;
    private ReadOnlySpan<byte> name;
    private WrongUse problem;
    private ReadOnlySpan<byte> expected;

    /// <summary>Whether the command line is wrong.</summary>
    internal readonly bool IsWrong => problem != WrongUse.None;

    /// <summary>The kind of mistake.</summary>
    internal readonly WrongUse Problem => problem;

    /// <summary>The wrong option: its letter, or its long name with the dashes; the wrong operand.</summary>
    internal readonly ReadOnlySpan<byte> Name => name;

    /// <summary>The expected kind of a wrong argument or operand.</summary>
    internal readonly ReadOnlySpan<byte> Expected => expected;

    /// <summary>Why the look-up of an argument failed.</summary>
    internal Errno Failure { get; private set; }

    /// <summary>The index of a wrong operand among those that the declaration names.</summary>
    internal readonly int WrongOperand => operands;

    /// <summary>The declaration of the command line.</summary>
    internal readonly ReadOnlySpan<byte> Declaration => declaration;

    /// <summary>The argument of the option returned last; empty for one that takes none.</summary>
    internal readonly ReadOnlySpan<byte> Argument => ArgumentPointer.IsNull ? default : Bytes.OfC(ArgumentPointer);

    /// <summary>The same as a C string, null for an option that takes none.</summary>
    internal CString ArgumentPointer { get; private set; }

    /// <summary>The remaining words, any number.</summary>
    internal readonly Words Rest => words.From(index);

    /// <summary>Goes on to the next option. False after the last one, and when something is wrong.</summary>
    /// <param name="letter">The letter of the option, also when it was given by its long name.</param>
    internal bool Next(out char letter)
    {
        letter = default;
        if (IsWrong)
            return false;
        ArgumentPointer = null;
        if (offset == 0 && !EnterWord())
            return false;
        bool isLong = offset == 1 && words.Pointer(index)[1] == (byte)'-';
        letter = (char)(isLong ? TakeLongName() : TakeLetter());
        return !IsWrong;
    }

    /// <summary>The argument as a decimal number.</summary>
    /// <param name="least">The minimum; smaller numbers are raised to it.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal uint Number(uint least = 0)
    {
        if (!Numbers.TryParse(Argument, out uint number))
            RejectArgument("number"u8);
        return number < least ? least : number;
    }

    /// <summary>The argument as an octal number.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal uint OctalNumber()
    {
        if (!Numbers.TryParseOctal(Argument, out uint number))
            RejectArgument("octal number"u8);
        return number;
    }

    /// <summary>The argument as the number of a descriptor.</summary>
    /// <param name="least">The smallest one that is accepted.</param>
    internal int DescriptorNumber(int least)
    {
        if (!Numbers.TryParseSigned(Argument, out int number) || number < least)
            RejectArgument("descriptor"u8);
        return number;
    }

    /// <summary>Reports that the argument is wrong.</summary>
    /// <param name="what">The expected kind: <c>invalid WHAT for -c</c>. A constant.</param>
    internal void RejectArgument(ReadOnlySpan<byte> what)
    {
        expected = what;
        problem = WrongUse.InvalidArgument;
    }

    /// <summary>Reports that the look-up of the argument failed.</summary>
    /// <param name="what">The kind of the argument: <c>unable to look up WHAT</c>. A constant.</param>
    /// <param name="error">The reason.</param>
    internal void FailArgument(ReadOnlySpan<byte> what, Errno error)
    {
        expected = what;
        Failure = error;
        problem = WrongUse.FailedLookUp;
    }

    /// <summary>Reports that an operand is missing.</summary>
    /// <param name="index">Its position among the operands of the declaration, from 0.</param>
    internal void MissOperand(int index)
    {
        operands = index;
        problem = WrongUse.MissingOperand;
    }

    /// <summary>Reports that an operand is wrong, unless there was a mistake before it.</summary>
    /// <param name="operand">The operand.</param>
    /// <param name="what">The expected kind: <c>invalid WHAT: OPERAND</c>. A constant.</param>
    internal void RejectOperand(ReadOnlySpan<byte> operand, ReadOnlySpan<byte> what)
    {
        if (IsWrong)
            return;
        name = operand;
        expected = what;
        problem = WrongUse.InvalidOperand;
    }

    /// <summary>The next operand.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal ReadOnlySpan<byte> Operand()
    {
        CString operand = OperandPointer();
        return operand.IsNull ? default : Bytes.OfC(operand);
    }

    /// <summary>The next operand as a C string, null when something is wrong.</summary>
    internal CString OperandPointer()
    {
        if (!HasOperand())
            return null;
        operands++;
        return words.Pointer(index++);
    }

    /// <summary>The program at the end of the command line: the remaining words, at least one; none when something is wrong.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal Words Program() => HasOperand() ? Rest : default;

    /// <summary>The same for a program whose name may not be empty.</summary>
    internal Words NamedProgram()
    {
        Words program = Program();
        if (program.Count > 0 && program[0].IsEmpty)
            problem = WrongUse.EmptyOperand;
        return program;
    }

    private bool HasOperand()
    {
        if (!IsWrong && index >= words.Count)
            problem = WrongUse.MissingOperand;
        return !IsWrong;
    }

    private bool EnterWord()
    {
        bool hasOptions = !declaration.IsEmpty && declaration[0] == (byte)'-';
        if (!hasOptions || index >= words.Count)
            return false;
        CString word = words.Pointer(index);
        if (word[0] != (byte)'-' || word[1] == 0)
            return false;
        if (word[1] == (byte)'-' && word[2] == 0)
        {
            index++;
            return false;
        }
        offset = 1;
        return true;
    }

    private byte TakeLetter()
    {
        byte* letter = (byte*)words.Pointer(index) + offset++;
        name = new ReadOnlySpan<byte>(letter, 1);
        var lines = new DeclarationLines(declaration);
        while (lines.MoveNext())
        {
            if (lines.Current.Letter == *letter)
            {
                TakeArgument(letter + 1, !lines.Current.Argument.IsEmpty);
                return *letter;
            }
        }
        problem = WrongUse.UnknownOption;
        return 0;
    }

    // A letter may be followed by more letters, or by its argument.
    private void TakeArgument(byte* attached, bool takesArgument)
    {
        if (*attached == 0 || takesArgument)
            LeaveWord();
        if (!takesArgument)
            return;
        if (*attached != 0)
            ArgumentPointer = attached;
        else if (index < words.Count)
            ArgumentPointer = words.Pointer(index++);
        else
            problem = WrongUse.MissingArgument;
    }

    private byte TakeLongName()
    {
        ReadOnlySpan<byte> word = words[index];
        int equals = word.IndexOf((byte)'=');
        name = equals < 0 ? word : word[..equals];
        if (equals >= 0)
            ArgumentPointer = (byte*)words.Pointer(index) + equals + 1;
        LeaveWord();
        var lines = new DeclarationLines(declaration);
        while (lines.MoveNext())
        {
            DeclarationLine line = lines.Current;
            if (line.LongName.IsEmpty || !line.LongName.SequenceEqual(name[2..]))
                continue;
            if (line.Argument.IsEmpty != (equals < 0))
                problem = equals < 0 ? WrongUse.MissingArgument : WrongUse.UnexpectedArgument;
            return line.Letter;
        }
        problem = WrongUse.UnknownOption;
        return 0;
    }

    private void LeaveWord()
    {
        index++;
        offset = 0;
    }
}
