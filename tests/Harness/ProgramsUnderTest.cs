using System;
using System.IO;

namespace LocalService.Tests;

/// <summary>A PATH on which the programs of the toolkit are found: this project's, or the C peers.</summary>
public sealed class ProgramsUnderTest
{
    private static readonly string[] roles =
    [
        "ipcserver", "ipcserver-socketbinder", "applyuidgid", "ipcserverd", "ipcserver-access",
        "accessrules-cdb-from-fs", "accessrules-fs-from-cdb", "connlimit", "ipcclient", "ioconnect",
    ];

    private static readonly Lazy<TestDirectory> installed = new(Install);

    private ProgramsUnderTest(bool isPeer) => IsPeer = isPeer;

    /// <summary>The executable as the build left it.</summary>
    public static string Executable { get; } = Repository.PathOf("bin", "localservice");

    /// <summary>This project's executable, linked under both names of every role.</summary>
    public static ProgramsUnderTest Ours { get; } = new(isPeer: false);

    /// <summary>The C programs of the Debian package s6.</summary>
    public static ProgramsUnderTest Peer { get; } = new(isPeer: true);

    /// <summary>Whether these are the C programs.</summary>
    public bool IsPeer { get; }

    /// <summary>The folder that holds the executable and its links. Every user can reach it, wherever the repository is.</summary>
    public static string InstalledFolder => installed.Value["bin"];

    /// <summary>The folder of the helper programs of the case tables.</summary>
    public static string ToolsFolder => installed.Value["tools"];

    /// <summary>The PATH.</summary>
    public string SearchPath =>
        IsPeer ? $"{ToolsFolder}:{Prerequisites.SystemPath}" : $"{InstalledFolder}:{ToolsFolder}:{Prerequisites.SystemPath}";

    /// <summary>The path of a program of the toolkit, given its full name (<c>s6-ipcserver</c>).</summary>
    public string PathOf(string program) => Path.Combine(IsPeer ? "/usr/bin" : InstalledFolder, program);

    private static TestDirectory Install()
    {
        Prerequisites.Require();
        var folder = new TestDirectory();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Dispose();
        Directory.CreateDirectory(folder["tools"]);
        foreach (string tool in Directory.GetFiles(Repository.PathOf("tests", "Harness", "Tools")))
            File.Copy(tool, Path.Combine(folder["tools"], Path.GetFileName(tool)));
        Directory.CreateDirectory(folder["bin"]);
        File.Copy(Executable, Path.Combine(folder["bin"], "localservice"));
        foreach (string role in roles)
        {
            File.CreateSymbolicLink(Path.Combine(folder["bin"], "s6-" + role), "localservice");
            File.CreateSymbolicLink(Path.Combine(folder["bin"], role), "localservice");
        }
        return folder;
    }
}
