using System;
using System.Runtime.CompilerServices;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.CommandLine;

/// <summary>
/// The messages of a role, on descriptor 2, a line each: <c>PROG: fatal: TEXT</c> and its relatives.
/// A text has up to four parts, so that nothing has to be joined first. Specification "conventions", section 2.
/// </summary>
/// <param name="program">The prefix of each message, a constant of the role (<c>s6-ipcserver</c>), whichever name was used to call it.</param>
/// <param name="messages">Collects the messages when a server runs the role; null to write them.</param>
internal readonly unsafe ref struct Diagnostics(ReadOnlySpan<byte> program, MessageBuffer* messages)
{
    private readonly ReadOnlySpan<byte> program = program;

    internal Diagnostics(ReadOnlySpan<byte> program)
        : this(program, null)
    {
    }

    /// <summary>
    /// Wrong use of a role: reports the mistake, and prints the usage; exit code 100. If the look-up of a name failed, reports the reason; exit
    /// code 111.
    /// </summary>
    /// <param name="options">The options. One of them, or an operand, is wrong.</param>
    internal Outcome Usage(scoped in OptionReader options)
    {
        if (options.Problem == WrongUse.FailedLookUp)
            return Fatal(options.Failure, "unable to look up "u8, options.Expected, " "u8, options.Argument);
        var line = new Line(libc.STDERR_FILENO, stackalloc byte[Line.BufferSize], messages);
        line.Add(program, ": fatal: "u8);
        UsageText.AddProblem(ref line, options);
        line.Add("\n"u8);
        line.Add(program, ": usage: "u8);
        line.Add(program);
        UsageText.Add(ref line, options.Declaration);
        line.End();
        return Outcome.Exit(ExitCode.Usage);
    }

    /// <summary>Wrong use: prints the usage. Exit code 100.</summary>
    internal Outcome Usage(ReadOnlySpan<byte> usage)
    {
        Write(": usage: "u8, default, program, usage.IsEmpty ? default : " "u8, usage, default);
        return Outcome.Exit(ExitCode.Usage);
    }

    /// <summary>A fatal message without a system error.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // otherwise each of the many calls would pass the parts that it doesn't have
    internal Outcome Fatal(int exitCode, ReadOnlySpan<byte> text) => Fatal(exitCode, text, default, default, default);

    /// <summary>A fatal message without a system error.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // the same
    internal Outcome Fatal(int exitCode, ReadOnlySpan<byte> text, ReadOnlySpan<byte> more) => Fatal(exitCode, text, more, default, default);

    /// <summary>A fatal message without a system error.</summary>
    internal Outcome Fatal(
        int exitCode, ReadOnlySpan<byte> text, ReadOnlySpan<byte> more, ReadOnlySpan<byte> more2, ReadOnlySpan<byte> more3 = default)
    {
        Write(": fatal: "u8, default, text, more, more2, more3);
        return Outcome.Exit(exitCode);
    }

    /// <summary>A fatal message that ends in the text of a system error. Exit code 111.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // the same
    internal Outcome Fatal(Errno error, ReadOnlySpan<byte> text) => Fatal(error, text, default, default, default);

    /// <summary>A fatal message that ends in the text of a system error. Exit code 111.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // the same
    internal Outcome Fatal(Errno error, ReadOnlySpan<byte> text, ReadOnlySpan<byte> more) => Fatal(error, text, more, default, default);

    /// <summary>A fatal message that ends in the text of a system error. Exit code 111.</summary>
    internal Outcome Fatal(
        Errno error, ReadOnlySpan<byte> text, ReadOnlySpan<byte> more, ReadOnlySpan<byte> more2, ReadOnlySpan<byte> more3 = default)
    {
        Write(": fatal: "u8, error, text, more, more2, more3);
        return Outcome.Exit(ExitCode.System, error);
    }

    /// <summary>A warning without a system error.</summary>
    internal void Warning(
        ReadOnlySpan<byte> text, ReadOnlySpan<byte> more = default, ReadOnlySpan<byte> more2 = default, ReadOnlySpan<byte> more3 = default) =>
        Write(": warning: "u8, default, text, more, more2, more3);

    /// <summary>A warning that ends in the text of a system error.</summary>
    internal void Warning(
        Errno error, ReadOnlySpan<byte> text, ReadOnlySpan<byte> more = default, ReadOnlySpan<byte> more2 = default, ReadOnlySpan<byte> more3 = default) =>
        Write(": warning: "u8, error, text, more, more2, more3);

    /// <summary>An informational message.</summary>
    internal void Info(
        ReadOnlySpan<byte> text, ReadOnlySpan<byte> more = default, ReadOnlySpan<byte> more2 = default, ReadOnlySpan<byte> more3 = default) =>
        Write(": info: "u8, default, text, more, more2, more3);

    private void Write(
        ReadOnlySpan<byte> kind, Errno error, ReadOnlySpan<byte> text, ReadOnlySpan<byte> more, ReadOnlySpan<byte> more2, ReadOnlySpan<byte> more3)
    {
        var line = new Line(libc.STDERR_FILENO, stackalloc byte[Line.BufferSize], messages);
        line.Add(program);
        line.Add(kind);
        line.Add(text);
        line.Add(more);
        line.Add(more2);
        line.Add(more3);
        if (error.Failed)
        {
            line.Add(": "u8);
            line.Add(error.Text);
        }
        line.End();
    }
}
