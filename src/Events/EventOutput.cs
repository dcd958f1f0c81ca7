using System;
using LocalService.CommandLine;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Events;

/// <summary>Where the tools print the events that they waited for.</summary>
internal static class EventOutput
{
    /// <summary>Prints events as a line on descriptor 1.</summary>
    internal static Outcome Print(ReadOnlySpan<byte> text, Diagnostics diagnostics)
    {
        var line = new Line(libc.STDOUT_FILENO, stackalloc byte[Line.BufferSize]);
        line.Add(text);
        line.End();
        return line.Error.Failed ? diagnostics.Fatal(line.Error, "unable to write to stdout"u8) : Outcome.Exit(ExitCode.Success);
    }
}
