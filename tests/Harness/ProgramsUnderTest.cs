using System;
using System.IO;

namespace LocalService.Tests;

/// <summary>A PATH on which the programs of the toolkit are found: this project's, or the C peers.</summary>
public sealed class ProgramsUnderTest
{
    // The roles that each mixture takes from this project; the others are the C programs. Roles in no mixture are only in Ours.
    private static readonly string[] serverRoles = ["ipcserver", "ipcserver-socketbinder", "applyuidgid", "ipcserverd"];
    private static readonly string[] accessRoles = ["ipcserver-access", "accessrules-cdb-from-fs", "accessrules-fs-from-cdb", "connlimit"];
    private static readonly string[] clientRoles = ["ipcclient", "ioconnect"];
    private static readonly string[] holderRoles = ["fdholder-daemon", "fdholderd"];
    private static readonly string[] holderClientRoles =
    [
        "fdholder-store", "fdholder-retrieve", "fdholder-delete", "fdholder-list", "fdholder-getdump", "fdholder-setdump", "fdholder-transferdump",
    ];

    private static readonly Lazy<TestDirectory> installed = new(Install);

    private readonly string name;
    private readonly string[] ours;

    private ProgramsUnderTest(string name, string[] ours)
    {
        this.name = name;
        this.ours = ours;
    }

    /// <summary>The executable as the build left it.</summary>
    public static string Executable => Repository.Executable;

    /// <summary>This project's executable, linked under both names of every role.</summary>
    public static ProgramsUnderTest Ours { get; } = new("ours", RoleDescription.Names);

    /// <summary>The C programs of the Debian package s6.</summary>
    public static ProgramsUnderTest Peer { get; } = new("peer", []);

    /// <summary>This project's server, with the C gates and clients.</summary>
    public static ProgramsUnderTest OurServer { get; } = new("server", serverRoles);

    /// <summary>This project's gates and compilers, with the C servers and clients.</summary>
    public static ProgramsUnderTest OurAccess { get; } = new("access", accessRoles);

    /// <summary>This project's client, with the C servers and gates.</summary>
    public static ProgramsUnderTest OurClient { get; } = new("client", clientRoles);

    /// <summary>This project's sudod and its server, with the C sudo and client.</summary>
    public static ProgramsUnderTest OurSudoServer { get; } = new("sudod", [.. serverRoles, "sudod"]);

    /// <summary>This project's sudo and its client, with the C sudod and servers.</summary>
    public static ProgramsUnderTest OurSudoClient { get; } = new("sudo", [.. clientRoles, "sudo", "sudoc"]);

    /// <summary>This project's descriptor holder, with C clients.</summary>
    public static ProgramsUnderTest OurHolder { get; } = new("fdholderd", [.. serverRoles, .. holderRoles]);

    /// <summary>This project's clients of the descriptor holder, with the C holder.</summary>
    public static ProgramsUnderTest OurHolderClients { get; } = new("fdholder", holderClientRoles);

    /// <summary>Whether these are the C programs alone.</summary>
    public bool IsPeer => ours.Length == 0;

    /// <summary>The folder that holds the executable and its links. Every user can reach it, wherever the repository is.</summary>
    public string Folder => installed.Value[name];

    /// <summary>The folder of the helper programs of the case tables.</summary>
    public static string ToolsFolder => installed.Value["tools"];

    /// <summary>The PATH.</summary>
    public string SearchPath =>
        IsPeer ? $"{ToolsFolder}:{Prerequisites.SystemPath}" : $"{Folder}:{ToolsFolder}:{Prerequisites.SystemPath}";

    private static TestDirectory Install()
    {
        Prerequisites.Require();
        var folder = new TestDirectory();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Dispose();
        Directory.CreateDirectory(folder["tools"]);
        foreach (string tool in Directory.GetFiles(Repository.PathOf("tests", "Harness", "Tools")))
            File.Copy(tool, Path.Combine(folder["tools"], Path.GetFileName(tool)));
        foreach (ProgramsUnderTest programs in (ProgramsUnderTest[])
            [Ours, OurServer, OurAccess, OurClient, OurSudoServer, OurSudoClient, OurHolder, OurHolderClients])
            Install(folder[programs.name], programs.ours);
        return folder;
    }

    private static void Install(string folder, string[] roles)
    {
        Directory.CreateDirectory(folder);
        File.Copy(Executable, Path.Combine(folder, "localservice"));
        foreach (string role in roles)
        {
            File.CreateSymbolicLink(Path.Combine(folder, RoleDescription.ProgramOf(role)), "localservice");
            File.CreateSymbolicLink(Path.Combine(folder, role), "localservice");
        }
    }
}
