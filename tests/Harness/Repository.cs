using System;
using System.IO;

namespace LocalService.Tests;

/// <summary>The repository that the running tests were built from.</summary>
public static class Repository
{
    /// <summary>The folder of the product's project file.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The executable. LOCALSERVICE_EXECUTABLE names one to use instead of the build's, such as one for another architecture.</summary>
    public static string Executable { get; } =
        Environment.GetEnvironmentVariable("LOCALSERVICE_EXECUTABLE") is { Length: > 0 } path ? path : PathOf("bin", "localservice");

    /// <summary>The path of a file or folder of the repository.</summary>
    public static string PathOf(params ReadOnlySpan<string> parts) => Path.Combine([Root, .. parts]);

    private static string FindRoot()
    {
        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "Multicall.csproj")))
                return folder;
        }
        throw new InvalidOperationException($"no Multicall.csproj above {AppContext.BaseDirectory}");
    }
}
