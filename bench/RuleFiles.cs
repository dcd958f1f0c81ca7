namespace LocalService.Bench;

/// <summary>Access rules for the user who measures, in a directory and compiled.</summary>
internal sealed class RuleFiles
{
    internal RuleFiles(Session session)
    {
        Allow = MakeDirectory(session, "allow");
        Deny = MakeDirectory(session, "deny");
        AllowDatabase = session.NewPath();
        ChildProcess.Run(session.Own.Program("accessrules-cdb-from-fs"), AllowDatabase, Allow);
    }

    /// <summary>A directory with a rule that lets the user in.</summary>
    internal string Allow { get; }

    /// <summary>A directory with a rule that keeps the user out.</summary>
    internal string Deny { get; }

    /// <summary>The rules of <see cref="Allow"/> in a cdb file.</summary>
    internal string AllowDatabase { get; }

    private static string MakeDirectory(Session session, string verdict)
    {
        string directory = session.NewPath();
        string rule = Path.Combine(directory, "uid", ChildProcess.UserId.ToString());
        _ = Directory.CreateDirectory(rule);
        File.WriteAllText(Path.Combine(rule, verdict), "");
        return directory;
    }
}
