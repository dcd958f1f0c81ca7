namespace LocalService.Bench;

/// <summary>What the groups of a run share: the candidates, a working directory, access rules, the report.</summary>
internal sealed class Session : IDisposable
{
    private const string Debian = "/usr/bin";

    internal Session(Choices choices, Report report)
    {
        Rounds = choices.Rounds;
        Report = report;
        Root = Directory.CreateTempSubdirectory().FullName;
        // Roles that drop privileges must still find their program.
        File.SetUnixFileMode(Root, (UnixFileMode)0b111_101_101);
        string links = Path.Combine(Root, "bin");
        ChildProcess.Run("bin/localservice", "--install", links);
        Own = new Toolkit("localservice", links, int.MaxValue);
        Toolkits = [Own];
        if (File.Exists(Path.Combine(Debian, "s6-ipcserver")))
            Toolkits.Add(new Toolkit("Debian's s6", Debian, 1000));
        foreach ((string name, string directory) in choices.Peers)
            Toolkits.Add(new Toolkit(name, directory, 16_000));
        Rules = new RuleFiles(this);
    }

    internal int Rounds { get; }

    internal Report Report { get; }

    internal Progress Progress { get; } = new();

    /// <summary>A directory that everybody may enter, removed in the end.</summary>
    internal string Root { get; }

    /// <summary>The product.</summary>
    internal Toolkit Own { get; }

    /// <summary>The product first, then its peers.</summary>
    internal List<Toolkit> Toolkits { get; }

    internal RuleFiles Rules { get; }

    /// <summary>Those that have a role.</summary>
    internal List<Toolkit> With(string role) => Toolkits.FindAll(toolkit => File.Exists(toolkit.Program(role)));

    /// <summary>A path that nobody else uses.</summary>
    internal string NewPath() => Path.Combine(Root, Path.GetRandomFileName());

    /// <summary>
    /// Copies a program into the working directory. All that are compared come there in the same way: how a file came to be decides how
    /// its pages lie in memory, and that is 2 % of a start.
    /// </summary>
    internal string Copy(string file)
    {
        string copy = NewPath();
        File.Copy(file, copy);
        return copy;
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}

/// <summary>A directory of executables, each role under the name s6-ROLE.</summary>
/// <param name="Name">How it is called in the results.</param>
/// <param name="Directory">The directory.</param>
/// <param name="LargestServer">How many connections its server may have at most.</param>
internal sealed record Toolkit(string Name, string Directory, int LargestServer)
{
    /// <summary>The search path under which its programs find each other.</summary>
    internal string SearchPath => Directory == "/usr/bin" ? "/usr/bin:/bin" : $"{Directory}:/usr/bin:/bin";

    /// <summary>The executable of a role; a link is followed.</summary>
    internal string Program(string role) => Path.Combine(Directory, $"s6-{role}");
}
