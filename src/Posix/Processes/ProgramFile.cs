using LocalService.Errors;
using LocalService.Memory;

namespace LocalService.Posix;

/// <summary>The files that a program name may refer to, and the most likely one among them.</summary>
internal readonly unsafe struct ProgramFile(ProgramCandidates candidates)
{
    private readonly CString likely = candidates.Likely();

    /// <summary>Executes the program, which replaces the process. Returns only when that is impossible.</summary>
    internal Errno Execute(byte** arguments, byte** environment)
    {
        if (!likely.IsNull)
            _ = Libc.libc.execve(likely, arguments, environment);
        return candidates.Execute(arguments, environment);
    }
}
