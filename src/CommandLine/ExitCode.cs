namespace LocalService.CommandLine;

/// <summary>The exit codes of the toolkit. Specification "conventions", section 3.</summary>
internal static class ExitCode
{
    internal const int Success = 0;

    /// <summary>"No": access denied, limit exceeded, idle too long.</summary>
    internal const int Refused = 1;

    /// <summary>Wrong use: command line, variable, kind of standard input.</summary>
    internal const int Usage = 100;

    /// <summary>A system call failed, or data read from disk are invalid.</summary>
    internal const int System = 111;

    /// <summary>The next program was found but could not be executed.</summary>
    internal const int NotExecutable = 126;

    /// <summary>The next program was not found.</summary>
    internal const int NotFound = 127;
}
