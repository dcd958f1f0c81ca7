using System;
using LocalService.Errors;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.CommandLine;

/// <summary>Texts for users about a command line, from its declaration: its usage, and the mistake in it.</summary>
internal static class UsageText
{
    /// <summary>Adds the part of a usage line after the program's name: <c> [ -c maxconn ] [ -d | -D ] path</c>, with a blank in front.</summary>
    internal static void Add(ref Line line, ReadOnlySpan<byte> declaration)
    {
        bool isOpen = false;
        var lines = new DeclarationLines(declaration);
        while (lines.MoveNext())
        {
            DeclarationLine current = lines.Current;
            if (!current.IsShown)
                continue;
            if (isOpen && !current.IsAlternative)
                line.Add(" ]"u8);
            isOpen = current.IsOption;
            if (isOpen)
                AddOption(ref line, current);
            else
                line.Add(" "u8, current.Form);
        }
        if (isOpen)
            line.Add(" ]"u8);
    }

    /// <summary>Adds the mistake: <c>invalid number for -c: 5x</c>.</summary>
    internal static void AddProblem(ref Line line, scoped in OptionReader options)
    {
        switch (options.Problem)
        {
            case WrongUse.UnknownOption:
                line.Add("unknown option: "u8);
                AddName(ref line, options.Name);
                break;
            case WrongUse.MissingArgument:
                line.Add("missing argument for "u8);
                AddName(ref line, options.Name);
                break;
            case WrongUse.UnexpectedArgument:
                line.Add("unexpected argument for "u8);
                AddName(ref line, options.Name);
                line.Add(": "u8, options.Argument);
                break;
            case WrongUse.InvalidArgument:
                line.Add("invalid "u8, options.Expected);
                line.Add(" for "u8);
                AddName(ref line, options.Name);
                line.Add(": "u8, options.Argument);
                break;
            case WrongUse.InvalidOperand:
                line.Add("invalid "u8, options.Expected);
                line.Add(": "u8, options.Name);
                break;
            default:
                line.Add(options.Problem == WrongUse.EmptyOperand ? "empty operand: "u8 : "missing operand: "u8);
                line.Add(NameOfOperand(options.Declaration, options.WrongOperand));
                break;
        }
    }

    private static void AddOption(ref Line line, DeclarationLine option)
    {
        line.Add(option.IsAlternative ? " | "u8 : " [ "u8, option.Form[..2]);
        if (!option.Argument.IsEmpty)
            line.Add(" "u8, option.Argument);
    }

    // A letter has no dash of its own, because it may be part of a cluster.
    private static void AddName(ref Line line, ReadOnlySpan<byte> name) => line.Add(name.Length == 1 ? "-"u8 : default, name);

    /// <summary>An operand's form, without the dots at its end; a missing operand is never optional.</summary>
    private static ReadOnlySpan<byte> NameOfOperand(ReadOnlySpan<byte> declaration, int number)
    {
        var lines = new DeclarationLines(declaration);
        while (lines.MoveNext())
        {
            if (lines.Current.IsOption || number-- > 0)
                continue;
            ReadOnlySpan<byte> form = lines.Current.Form;
            // A program and its arguments, or a block in braces.
            int end = form[^1] == (byte)'.' ? form.IndexOf((byte)'.') : -1;
            return end < 0 ? form : form[..end];
        }
        Abandon.InternalInconsistency();
        return default;
    }
}
