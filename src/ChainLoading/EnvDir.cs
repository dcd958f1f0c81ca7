using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;
using LocalService.Rules;

namespace LocalService.ChainLoading;

/// <summary>Edits the environment with the files of a directory, then becomes a program. Specification "conventions", section 6.</summary>
internal readonly struct EnvDir : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-envdir"u8;
    public static int ManualSection => 8;
    public static ReadOnlySpan<byte> Summary => "edit the environment from the files of a directory, then execute a program"u8;

    public static ReadOnlySpan<byte> Declaration =>
        """
        -I --loose  ignore a missing directory
        | -i --strict  a missing directory is an error; the default
        -n --no-chomp  keep blanks at the end of the line; with -f, the newline at the end of the file
        -f --verbatim  use the whole file, not only its first line
        -L --no-clamp  take more than the first 4095 bytes of a file
        -c --null-is=nullchar  the character that replaces a NUL; a newline by default
        dir  the directory: each file is a variable, an empty one removes it
        prog...  the program to execute, and its arguments
        """u8;

    public static Outcome Run(Invocation invocation)
    {
        var diagnostics = new Diagnostics(Program);
        EnvironmentFormat format = EnvironmentFormat.Standard;
        bool mayBeMissing = false, hasReplacement = true;
        var options = new OptionReader(invocation.Words, Declaration);
        while (options.Next(out char option))
        {
            switch (option)
            {
                case 'I': mayBeMissing = true; break;
                case 'i': mayBeMissing = false; break;
                case 'n': format.KeepsEnd = true; break;
                case 'f': format.TakesWholeFile = true; break;
                case 'L': format.HasNoLimit = true; break;
                case 'c':
                    hasReplacement = !options.Argument.IsEmpty;
                    format.Replacement = hasReplacement ? options.Argument[0] : default;
                    break;
            }
        }
        CString directory = options.OperandPointer();
        Words program = options.Program();
        if (options.IsWrong)
            return diagnostics.Usage(options);
        EnvironmentBlock environment = invocation.Environment;
        Errno error = hasReplacement ? Apply(directory, format, ref environment) : new Errno(libc.EINVAL);
        if (error.Failed && !(mayBeMissing && error.Is(libc.ENOENT)))
            return diagnostics.Fatal(error, "unable to envdir "u8, Bytes.OfC(directory));
        return Exec.Into(program, environment);
    }

    /// <summary>Applies the edits of a directory: all of them, or none after an error.</summary>
    private static Errno Apply(CString path, EnvironmentFormat format, ref EnvironmentBlock environment)
    {
        var edits = new ByteBuffer();
        var names = new DirectoryNames();
        Errno error = EnvironmentDirectory.Read(LibC.AT_FDCWD, path, format, ref edits, ref names);
        if (!error.Failed)
        {
            var each = new Edits(edits.Content);
            while (each.MoveNext())
                environment.Apply(each.Current);
        }
        edits.Free();
        names.Free();
        return error;
    }
}
