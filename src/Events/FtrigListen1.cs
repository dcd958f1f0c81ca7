using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Events;

/// <summary>Starts a program, and waits for events that it, or another one, brings about. Specification "ftrig", section 3.</summary>
internal readonly struct FtrigListen1 : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-ftrig-listen1"u8;
    public static int ManualSection => 1;
    public static ReadOnlySpan<byte> Summary => "start a program, then wait for events of a fifodir, and print them"u8;

    public static ReadOnlySpan<byte> Declaration =>
        """
        -t --timeout=timeout  maximum wait in milliseconds; 0, the default: no limit
        fifodir  the path of the fifodir
        regexp  a POSIX extended regular expression
        prog...  the program to start, and its arguments
        """u8;

    public static Outcome Run(Invocation invocation)
    {
        var diagnostics = new Diagnostics(Program);
        uint milliseconds = 0;
        var options = new OptionReader(invocation.Words, Declaration);
        while (options.Next(out _))
            milliseconds = options.Number();
        ReadOnlySpan<byte> directory = options.Operand();
        ReadOnlySpan<byte> expression = options.Operand();
        Words program = options.Program();
        if (options.IsWrong)
            return diagnostics.Usage(options);
        var wait = new EventWait(1, milliseconds);
        Errno error = wait.TakeSignals();
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to trap signals"u8);
        error = wait.Add(directory, expression, Dialect.Text);
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to subscribe to "u8, directory, " with regexp "u8, expression);
        Outcome outcome = ListenerProgram.Run(program, invocation.Environment, ref wait, all: true, out ReadOnlySpan<byte> text, diagnostics);
        return outcome.Code == ExitCode.Success ? EventOutput.Print(text, diagnostics) : outcome;
    }
}
