using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Posix;

namespace LocalService.Events;

/// <summary>Starts a program, and waits for events at several fifodirs. Specification "ftrig", section 3.</summary>
internal readonly struct FtrigListen : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-ftrig-listen"u8;
    public static int ManualSection => 1;
    public static ReadOnlySpan<byte> Summary => "start a program, then wait for events of several fifodirs"u8;

    public static ReadOnlySpan<byte> Declaration =>
        """
        -a --and  wait until every fifodir has a match; the default
        | -o --or  wait until one of them has a match
        -t --timeout=timeout  maximum wait in milliseconds; 0, the default: no limit
        { fifodir1 regexp1 ... }  paths of fifodirs, each with a POSIX extended regular expression; an empty word ends the list
        prog...  the program to start, and its arguments
        """u8;

    public static Outcome Run(Invocation invocation)
    {
        var diagnostics = new Diagnostics(Program);
        uint milliseconds = 0;
        bool all = true;
        var options = new OptionReader(invocation.Words, Declaration);
        while (options.Next(out char option))
        {
            switch (option)
            {
                case 'a': all = true; break;
                case 'o': all = false; break;
                case 't': milliseconds = options.Number(); break;
            }
        }
        if (options.IsWrong)
            return diagnostics.Usage(options);
        Words words = options.Rest;
        Outcome quoting = WordBlock.Read(words, invocation.Environment, diagnostics, out int count);
        if (quoting.Code != ExitCode.Success)
            return quoting;
        if (count == 0 || count % 2 != 0)
            options.MissOperand(0);
        if (words.Count == count + 1)
            options.MissOperand(1);
        if (options.IsWrong)
            return diagnostics.Usage(options);
        if (count == words.Count)
            return diagnostics.Fatal(ExitCode.Usage, "unterminated fifodir+regex block"u8);
        var wait = new EventWait(count / 2, milliseconds);
        Errno error = wait.TakeSignals();
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to trap signals"u8);
        for (int i = 0; i < count; i += 2)
        {
            ReadOnlySpan<byte> directory = WordBlock.Unquoted(words[i]);
            ReadOnlySpan<byte> expression = WordBlock.Unquoted(words[i + 1]);
            error = wait.Add(directory, expression, Dialect.Text);
            if (error.Failed)
                return diagnostics.Fatal(error, "unable to subscribe to "u8, directory, " with regexp "u8, expression);
        }
        return ListenerProgram.Run(words.From(count + 1), invocation.Environment, ref wait, all, out _, diagnostics);
    }
}
