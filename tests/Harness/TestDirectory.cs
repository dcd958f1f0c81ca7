using System;
using System.IO;

namespace LocalService.Tests;

/// <summary>
/// An empty directory for one test, in the file system of the temporary files. Every user may write there, so that programs that changed their ids
/// can too. It is removed with everything in it when the test ends.
/// </summary>
public sealed class TestDirectory : IDisposable
{
    private const UnixFileMode EveryUser =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>Makes the directory.</summary>
    public TestDirectory()
    {
        FullPath = Directory.CreateTempSubdirectory("localservice-test-").FullName;
        File.SetUnixFileMode(FullPath, EveryUser);
    }

    /// <summary>The absolute path.</summary>
    public string FullPath { get; }

    /// <summary>The absolute path of something in it.</summary>
    public string this[string name] => Path.Combine(FullPath, name);

    /// <summary>Removes it.</summary>
    public void Dispose()
    {
        // A process that was just killed may still create one more file.
        for (int attempt = 1; Directory.Exists(FullPath); attempt++)
        {
            try
            {
                Directory.Delete(FullPath, recursive: true);
            }
            catch (IOException) when (attempt < 10)
            {
                System.Threading.Thread.Sleep(20 * attempt);
            }
        }
    }
}
