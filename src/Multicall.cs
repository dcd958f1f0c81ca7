using System;
using LocalService.CommandLine;
using LocalService.Libc;

namespace LocalService;

/// <summary>The executable under its own name: what it can do, and getting it installed.</summary>
internal static class Multicall
{
    private static ReadOnlySpan<byte> Usage => "--list | --help | --version | --install DIR | ROLE args..."u8;

    internal static int Run(Words words)
    {
        return new Diagnostics("localservice"u8).Usage(Usage).Code;
    }

    /// <summary>Prints what a role is for, on descriptor 1.</summary>
    internal static int Help(Role role)
    {
        var line = new Line(libc.STDOUT_FILENO, stackalloc byte[Line.BufferSize]);
        line.Add("usage: "u8);
        line.Add(role.Program);
        line.Add(" "u8);
        line.Add(role.Usage);
        line.Add("\n"u8);
        line.Add(role.Summary);
        line.End();
        return ExitCode.Success;
    }
}
