namespace LocalService.Sudo;

/// <summary>How a program ended, in the form of waitpid(2), which the server passes on.</summary>
/// <param name="raw">The status.</param>
internal readonly struct ProgramStatus(uint raw)
{
    private const uint CoreDumped = 0x80;

    /// <summary>Whether it is the status of a program that has ended. False for a stopped program, or an invalid status.</summary>
    internal bool IsEnd => (raw & 0x7f) == 0 ? (raw & ~0xff00u) == 0 : (raw & ~(0x7f | CoreDumped)) == 0 && Signal <= 64;

    /// <summary>The signal that killed it, or 0.</summary>
    internal int Signal => (int)(raw & 0x7f);

    /// <summary>The exit code of a program that wasn't killed.</summary>
    internal int ExitCode => (int)(raw >> 8 & 0xff);

    /// <summary>The exit code in the convention of shells: that of the program, or 128 plus the signal.</summary>
    internal int ShellCode => Signal == 0 ? ExitCode : 128 + Signal;
}
