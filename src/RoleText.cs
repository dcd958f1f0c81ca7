using System;
using LocalService.CommandLine;

namespace LocalService;

/// <summary>The declaration of a role as text: for users, and for scripts.</summary>
internal static class RoleText
{
    /// <summary>Adds the help: usage, summary, a line for each option and operand, and a reference to the manual page.</summary>
    internal static void AddHelp(ref Line line, Role role)
    {
        line.Add("usage: "u8, role.Program);
        UsageText.Add(ref line, role.Declaration);
        line.Add("\n"u8, role.Summary);
        line.Add("\n"u8);
        int width = 0;
        var lines = new DeclarationLines(role.Declaration);
        while (lines.MoveNext())
            width = WidthOf(lines.Current) > width ? WidthOf(lines.Current) : width;
        lines = new DeclarationLines(role.Declaration);
        while (lines.MoveNext())
        {
            DeclarationLine current = lines.Current;
            if (!current.IsShown)
                continue;
            line.Add("  "u8);
            if (current.IsOption)
                line.Add(current.Form[..2], ","u8);
            line.Add(current.IsOption ? current.Form[2..] : current.Form);
            line.AddBlanks(width - WidthOf(current) + 2);
            line.Add(current.Meaning, "\n"u8);
        }
        line.Add("see "u8, role.Program);
        line.Add("("u8);
        line.Add((ulong)role.ManualSection);
        line.Add(")\n"u8);
    }

    /// <summary>
    /// Adds the whole declaration of a role, one record per line, fields separated by tabs, <c>-</c> for a missing one:
    /// <code>
    /// role NAME PROGRAM MANUAL-SECTION SUMMARY
    /// usage TEXT
    /// option LETTER LONG-NAME ARGUMENT MEANING
    /// alternative LETTER LONG-NAME ARGUMENT MEANING
    /// operand FORM MEANING
    /// </code>
    /// An alternative belongs to the option above it.
    /// </summary>
    internal static void AddDescription(ref Line line, Role role)
    {
        line.Add("role\t"u8, role.Name);
        line.Add("\t"u8, role.Program);
        line.Add("\t"u8);
        line.Add((ulong)role.ManualSection);
        line.Add("\t"u8, role.Summary);
        line.Add("\nusage\t"u8, role.Program);
        UsageText.Add(ref line, role.Declaration);
        line.Add("\n"u8);
        var lines = new DeclarationLines(role.Declaration);
        while (lines.MoveNext())
        {
            DeclarationLine current = lines.Current;
            if (!current.IsShown)
                continue;
            if (current.IsOption)
                AddOption(ref line, current);
            else
                line.Add("operand\t"u8, current.Form);
            line.Add("\t"u8, current.Meaning);
            line.Add("\n"u8);
        }
    }

    private static void AddOption(ref Line line, DeclarationLine option)
    {
        line.Add(option.IsAlternative ? "alternative\t"u8 : "option\t"u8, option.Form[1..2]);
        line.Add("\t"u8, option.LongName);
        line.Add("\t"u8, option.Argument.IsEmpty ? "-"u8 : option.Argument);
    }

    // An option has a comma between its two names.
    private static int WidthOf(DeclarationLine line) => line.Form.Length + (line.IsOption ? 1 : 0);
}
