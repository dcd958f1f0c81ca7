using System.Text;

namespace LocalService.Tests;

/// <summary>The exit code and the output of a process.</summary>
/// <param name="ExitCode">The exit code, or 128 plus the number of the signal that ended it.</param>
/// <param name="OutputBytes">Everything that its process group wrote to descriptor 1.</param>
/// <param name="ErrorBytes">Everything that its process group wrote to descriptor 2.</param>
public sealed record ProcessResult(int ExitCode, byte[] OutputBytes, byte[] ErrorBytes)
{
    /// <summary>Descriptor 1, each byte a character.</summary>
    public string Output => Encoding.Latin1.GetString(OutputBytes);

    /// <summary>Descriptor 2, each byte a character.</summary>
    public string Error => Encoding.Latin1.GetString(ErrorBytes);
}
