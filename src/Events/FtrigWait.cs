using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;
using LocalService.Services;

namespace LocalService.Events;

/// <summary>Waits for events at a fifodir and prints them. Specification "ftrig", section 3.</summary>
internal readonly unsafe struct FtrigWait : IRole
{
    private const int TimedOut = 99;

    public static ReadOnlySpan<byte> Program => "s6-ftrig-wait"u8;
    public static int ManualSection => 1;
    public static ReadOnlySpan<byte> Summary => "wait for events of a fifodir that match a regular expression, and print them"u8;

    public static ReadOnlySpan<byte> Declaration =>
        """
        -1 --last-event  match and print as s6 up to 2.11 does: the last event of the match, instead of all received events
        -t --timeout=timeout  maximum wait in milliseconds; 0, the default: no limit
        -d --daemon=daemon  wait through this daemon, a program with the protocol of s6-ftrigrd; by default no other process is needed
        | -S --socket=socket  wait through the daemon behind this socket
        fifodir  the path of the fifodir
        regexp  a POSIX extended regular expression
        """u8;

    public static Outcome Run(Invocation invocation)
    {
        var diagnostics = new Diagnostics(Program);
        var dialect = Dialect.Text;
        uint milliseconds = 0;
        CString daemon = null;
        CString socket = null;
        var options = new OptionReader(invocation.Words, Declaration);
        while (options.Next(out char option))
        {
            switch (option)
            {
                case '1': dialect = Dialect.Byte; break;
                case 't': milliseconds = options.Number(); break;
                case 'd': daemon = options.ArgumentPointer; socket = null; break;
                case 'S': socket = options.ArgumentPointer; daemon = null; break;
            }
        }
        ReadOnlySpan<byte> directory = options.Operand();
        ReadOnlySpan<byte> expression = options.Operand();
        if (options.IsWrong)
            return diagnostics.Usage(options);
        Errno error;
        if (!daemon.IsNull || !socket.IsNull)
        {
            error = Signals.HoldBack(libc.SIGPIPE);
            if (error.Failed)
                return diagnostics.Fatal(error, "unable to ignore SIGPIPE"u8);
            var connection = new Connection();
            var greeting = new Greeting(DialectGreeting.Of(dialect));
            byte** words = stackalloc byte*[] { daemon, null };
            error = !daemon.IsNull
                ? connection.Spawn(new Words(words), invocation.Environment, greeting, milliseconds)
                : connection.Open(Bytes.OfC(socket), greeting, milliseconds);
            if (error.Failed)
                return diagnostics.Fatal(error, "unable to begin a session with "u8, Bytes.OfC(daemon.IsNull ? socket : daemon));
            error = DaemonWait.ForMatch(ref connection, dialect, directory, expression, out ReadOnlySpan<byte> told);
            return End(error, expression, told, diagnostics);
        }
        var wait = new EventWait(1, milliseconds);
        error = wait.TakeSignals();
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to trap signals"u8);
        error = wait.Add(directory, expression, dialect);
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to subscribe to "u8, directory, " with regexp "u8, expression);
        error = wait.ForMatch(all: true, out ReadOnlySpan<byte> text);
        return End(error, expression, text, diagnostics);
    }

    private static Outcome End(Errno error, ReadOnlySpan<byte> expression, ReadOnlySpan<byte> text, Diagnostics diagnostics)
    {
        if (!error.Failed)
            return EventOutput.Print(text, diagnostics);
        _ = diagnostics.Fatal(error, "unable to match regexp on "u8, expression);
        return Outcome.Exit(error.Is(libc.ETIMEDOUT) ? TimedOut : ExitCode.System);
    }
}
