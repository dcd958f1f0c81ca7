using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;
using LocalService.Services;

namespace LocalService.Locks;

/// <summary>
/// Takes a lock from a daemon behind a socket and becomes a program. The lock lasts as long as the program, or a child that it leaves behind, has the
/// connection. Specification "lock", section 1.1.
/// </summary>
internal readonly unsafe struct LockAcquire : IRole
{
    private const ushort Id = 0;

    public static ReadOnlySpan<byte> Program => "s6-lock-acquire"u8;
    public static int ManualSection => 1;
    public static ReadOnlySpan<byte> Summary => "take a lock from a lock daemon behind a socket, then execute a program that holds it"u8;

    public static ReadOnlySpan<byte> Declaration =>
        """
        -s --shared  take a shared lock; exclusive by default
        -t --timeout=timeout  maximum wait in milliseconds; 0, the default: no limit
        socket  the socket of the daemon
        path  the file, relative to the directory of the daemon
        prog...  the program to execute, and its arguments
        """u8;

    public static Outcome Run(Invocation invocation)
    {
        var diagnostics = new Diagnostics(Program);
        var options = new OptionReader(invocation.Words, Declaration);
        bool exclusive = true;
        uint milliseconds = 0;
        while (options.Next(out char option))
        {
            switch (option)
            {
                case 's': exclusive = false; break;
                case 't': milliseconds = options.Number(); break;
            }
        }
        ReadOnlySpan<byte> socket = options.Operand();
        ReadOnlySpan<byte> path = options.Operand();
        Words program = options.Program();
        if (options.IsWrong)
            return diagnostics.Usage(options);
        Errno error = Signals.HoldBack(libc.SIGPIPE);
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to ignore SIGPIPE"u8);
        var connection = new Connection();
        error = connection.Open(socket, new Greeting(LockService.Protocols), milliseconds);
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to connect to a lock daemon at "u8, socket);
        error = Take(ref connection, exclusive, path);
        if (error.Is(libc.ETIMEDOUT))
            return diagnostics.Fatal(ExitCode.Refused, "lock "u8, path, ": timed out"u8);
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to lock "u8, path);
        // The daemon sends nothing more; the end of the connection releases the lock.
        error = Errno.Of(LibC.fcntl(connection.Socket, LibC.F_SETFD, 0)) && Signals.Unblock(libc.SIGPIPE);
        return error.Failed ? diagnostics.Fatal(error, "unable to keep the connection"u8) : Exec.Into(program, invocation.Environment);
    }

    /// <summary>Waits for the lock. EPROTO when the daemon answers something else.</summary>
    private static Errno Take(ref Connection connection, bool exclusive, ReadOnlySpan<byte> path)
    {
        int size = LockCommand.SizeOfAcquire(path);
        var buffer = new Span<byte>(Arena.Allocate((nuint)size), size);
        // This program enforces the limit itself: the end of the connection ends the attempt.
        Errno error = connection.Ask(LockCommand.WriteAcquire(Id, exclusive, path, buffer), out ReadOnlySpan<byte> answer);
        if (error.Failed)
            return error;
        if (answer.Length != 1 || answer[0] != 0)
            return new Errno(answer.Length == 1 ? answer[0] : libc.EPROTO);
        error = connection.NextEvent(out ReadOnlySpan<byte> held);
        if (error.Failed)
            return error;
        bool isOurs = held.Length == LockCommand.EventSize && BigEndian.Read(held[..^1]) == Id;
        return new Errno(isOurs ? held[^1] : libc.EPROTO);
    }
}
