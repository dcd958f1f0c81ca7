using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Locks;

/// <summary>Takes a lock and becomes a program, which holds the lock until it ends. Specification "lock", section 3, with decision 27.</summary>
internal readonly unsafe struct SetLock : IRole
{
    // A first signal may come before the wait has begun.
    private const long NextMicroseconds = 10_000;

    public static ReadOnlySpan<byte> Program => "s6-setlock"u8;
    public static int ManualSection => 1;
    public static ReadOnlySpan<byte> Summary => "lock a file, then execute a program that holds the lock"u8;

    public static ReadOnlySpan<byte> Declaration =>
        """
        -r --shared  take a shared lock
        | -w --exclusive  take an exclusive lock; the default
        -n --nonblocking  fail if the lock isn't free
        | -N --blocking  wait until it is; the default
        -t --timeout=timeout  maximum wait in milliseconds; 0: don't wait
        -d --fd=fd  the descriptor of the file in the program; any by default
        -o --open-file  lock the open file: children keep the lock, and it isn't lost when the program closes the file elsewhere
        lockfile  the file to lock, created if it is missing
        prog...  the program to execute, and its arguments
        """u8;

    public static Outcome Run(Invocation invocation)
    {
        var diagnostics = new Diagnostics(Program);
        var options = new OptionReader(invocation.Words, Declaration);
        bool exclusive = true;
        bool waits = true;
        bool ofOpenFile = false;
        uint? milliseconds = null;
        int number = -1;
        while (options.Next(out char option))
        {
            switch (option)
            {
                case 'r': exclusive = false; break;
                case 'w': exclusive = true; break;
                case 'n': waits = false; break;
                case 'N': waits = true; break;
                case 't': milliseconds = options.Number(); break;
                case 'd': number = options.DescriptorNumber(0); break;
                case 'o': ofOpenFile = true; break;
            }
        }
        CString path = options.OperandPointer();
        Words program = options.Program();
        if (options.IsWrong)
            return diagnostics.Usage(options);
        Outcome opened = LockFile.Open(path, exclusive, out int file, diagnostics);
        if (opened.Code != ExitCode.Success)
            return opened;
        Errno placed = PlaceForProgram(ref file, number);
        if (placed.Failed)
            return diagnostics.Fatal(placed, "unable to set up descriptor"u8);
        var wanted = new FileLock(file, exclusive, ofOpenFile);
        Errno error = wanted.TryTake();
        bool isBusy = FileLock.IsBusy(error);
        if (isBusy && !waits)
            return Refuse(diagnostics.Fatal(new Errno(libc.EBUSY), "unable to lock "u8, Bytes.OfC(path)));
        if (isBusy)
            error = milliseconds.HasValue ? AwaitWithin(wanted, milliseconds.GetValueOrDefault()) : Await(wanted);
        if (error.Is(libc.ETIMEDOUT))
            return diagnostics.Fatal(ExitCode.Refused, "lock "u8, Bytes.OfC(path), ": timed out"u8);
        if (error.Failed)
            return Refuse(diagnostics.Fatal(error, "unable to lock "u8, Bytes.OfC(path)));
        return Exec.Into(program, invocation.Environment);
    }

    private static Outcome Refuse(Outcome said)
    {
        _ = said;
        return Outcome.Exit(ExitCode.Refused);
    }

    private static Errno Await(FileLock wanted)
    {
        Errno error;
        do
            error = wanted.Await();
        while (error.Is(libc.EINTR));
        return error;
    }

    /// <summary>Waits for the lock, with a timer that interrupts the wait. ETIMEDOUT.</summary>
    private static Errno AwaitWithin(FileLock wanted, uint milliseconds)
    {
        if (milliseconds == 0)
            return new Errno(libc.ETIMEDOUT);
        Errno error = Signals.Interrupt(libc.SIGALRM) && Signals.Unblock(libc.SIGALRM);
        if (error.Failed)
            return error;
        var limit = new TimeLimit(milliseconds);
        var timer = new libc.itimerval
        {
            it_value = new libc.timeval { tv_sec = milliseconds / 1000, tv_usec = milliseconds % 1000 * 1000 },
            it_interval = new libc.timeval { tv_usec = NextMicroseconds },
        };
        error = Errno.Of(libc.setitimer(libc.ITIMER_REAL, &timer, null));
        while (!error.Failed)
        {
            error = wanted.Await();
            if (!error.Is(libc.EINTR))
                break;
            error = limit.IsOver ? new Errno(libc.ETIMEDOUT) : default;
        }
        timer = default;
        _ = libc.setitimer(libc.ITIMER_REAL, &timer, null);
        Errno reset = Signals.Reset(libc.SIGALRM);
        return error && reset;
    }

    /// <summary>
    /// Keeps the file open for the program, under a given number if there is one. This has to come before the lock: closing any descriptor of the
    /// file later, execve(2) included, ends a lock of the process.
    /// </summary>
    private static Errno PlaceForProgram(ref int file, int number)
    {
        if (number < 0 || number == file)
            return Errno.Of(LibC.fcntl(file, LibC.F_SETFD, 0));
        using var original = new Descriptor(file);
        Errno error = Descriptor.Copy(file, number);
        if (!error.Failed && number == libc.STDIN_FILENO)
            StandardDescriptors.InputReplaced();
        file = number;
        return error;
    }
}
