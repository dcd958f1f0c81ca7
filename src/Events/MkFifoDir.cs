using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Events;

/// <summary>Makes a fifodir. Specification "ftrig", section 2.</summary>
internal readonly struct MkFifoDir : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-mkfifodir"u8;
    public static int ManualSection => 1;
    public static ReadOnlySpan<byte> Summary => "make a directory in which listeners wait for events"u8;

    public static ReadOnlySpan<byte> Declaration =>
        """
        -f --force  set the permissions, and with -g the group, of an existing fifodir too
        -g --gid=gid  the number of the group whose members may listen; everybody by default
        fifodir  the path of the fifodir
        """u8;

    public static Outcome Run(Invocation invocation)
    {
        var diagnostics = new Diagnostics(Program);
        bool corrects = false;
        uint? group = null;
        var options = new OptionReader(invocation.Words, Declaration);
        while (options.Next(out char option))
        {
            switch (option)
            {
                case 'f': corrects = true; break;
                case 'g': group = options.Number(); break;
            }
        }
        CString path = options.OperandPointer();
        if (options.IsWrong)
            return diagnostics.Usage(options);
        Errno error = FifoDirectory.Make(path, group, corrects);
        return error.Failed ? diagnostics.Fatal(error, "unable to create fifodir at "u8, Bytes.OfC(path)) : Outcome.Exit(ExitCode.Success);
    }
}
