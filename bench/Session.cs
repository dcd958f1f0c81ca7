namespace LocalService.Bench;

/// <summary>The shared parts of a run: the candidates, a working directory, access rules, the report.</summary>
internal sealed class Session : IDisposable
{
    private const string Debian = "/usr/bin";

    internal Session(Choices choices, Report report)
    {
        Rounds = choices.Rounds;
        Report = report;
        Root = Directory.CreateTempSubdirectory().FullName;
        // After they drop privileges, roles must still find their program.
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

    /// <summary>A directory that all users may enter, removed at the end.</summary>
    internal string Root { get; }

    /// <summary>The product.</summary>
    internal Toolkit Own { get; }

    /// <summary>The product, followed by its peers.</summary>
    internal List<Toolkit> Toolkits { get; }

    internal RuleFiles Rules { get; }

    /// <summary>The toolkits that have a role.</summary>
    internal List<Toolkit> With(string role) => Toolkits.FindAll(toolkit => File.Exists(toolkit.Program(role)));

    /// <summary>A path that isn't used yet.</summary>
    internal string NewPath() => Path.Combine(Root, Path.GetRandomFileName());

    /// <summary>
    /// Copies a program into the working directory. All candidates are copied in the same way, because the way a file was written decides how
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

/// <summary>A directory of executables, each named s6-ROLE.</summary>
/// <param name="Name">Its name in the results.</param>
/// <param name="Directory">The directory.</param>
/// <param name="LargestServer">The maximum number of connections of its server.</param>
internal sealed record Toolkit(string Name, string Directory, int LargestServer)
{
    /// <summary>The search path on which its programs find each other.</summary>
    internal string SearchPath => Directory == "/usr/bin" ? "/usr/bin:/bin" : $"{Directory}:/usr/bin:/bin";

    /// <summary>The executable of a role; a link is followed.</summary>
    internal string Program(string role) => Path.Combine(Directory, $"s6-{role}");
}
