using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Events;

/// <summary>Waits for events at a fifodir and prints them. Specification "ftrig", section 3.</summary>
internal readonly struct FtrigWait : IRole
{
    private const int TimedOut = 99;

    public static ReadOnlySpan<byte> Program => "s6-ftrig-wait"u8;
    public static int ManualSection => 1;
    public static ReadOnlySpan<byte> Summary => "wait for events of a fifodir that match a regular expression, and print them"u8;

    public static ReadOnlySpan<byte> Declaration =>
        """
        -1 --last-event  match and print as s6 up to 2.11 does: the last event of the match, instead of all that have come
        -t --timeout=timeout  how many milliseconds to wait; 0, the default: no limit
        fifodir  the path of the fifodir
        regexp  a POSIX extended regular expression
        """u8;

    public static Outcome Run(Invocation invocation)
    {
        var diagnostics = new Diagnostics(Program);
        var dialect = Dialect.Text;
        uint milliseconds = 0;
        var options = new OptionReader(invocation.Words, Declaration);
        while (options.Next(out char option))
        {
            switch (option)
            {
                case '1': dialect = Dialect.Byte; break;
                case 't': milliseconds = options.Number(); break;
            }
        }
        ReadOnlySpan<byte> directory = options.Operand();
        ReadOnlySpan<byte> expression = options.Operand();
        if (options.IsWrong)
            return diagnostics.Usage(options);
        var wait = new EventWait(1, milliseconds);
        Errno error = wait.TakeSignals();
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to trap signals"u8);
        error = wait.Add(directory, expression, dialect);
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to subscribe to "u8, directory, " with regexp "u8, expression);
        error = wait.ForMatch(all: true, out ReadOnlySpan<byte> text);
        if (error.Failed)
        {
            _ = diagnostics.Fatal(error, "unable to match regexp on "u8, expression);
            return Outcome.Exit(error.Is(libc.ETIMEDOUT) ? TimedOut : ExitCode.System);
        }
        return EventOutput.Print(text, diagnostics);
    }
}
