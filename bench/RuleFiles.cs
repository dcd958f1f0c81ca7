namespace LocalService.Bench;

/// <summary>Access rules for the current user, in a directory and compiled.</summary>
internal sealed class RuleFiles
{
    internal RuleFiles(Session session)
    {
        Allow = MakeDirectory(session, "allow");
        Deny = MakeDirectory(session, "deny");
        AllowDatabase = session.NewPath();
        Holder = MakeDirectory(session, "allow");
        GrantHolderRights();
        ChildProcess.Run(session.Own.Program("accessrules-cdb-from-fs"), AllowDatabase, Allow);
    }

    /// <summary>A directory with a rule that lets the user in.</summary>
    internal string Allow { get; }

    /// <summary>A directory with a rule that keeps the user out.</summary>
    internal string Deny { get; }

    /// <summary>The rules of <see cref="Allow"/> in a cdb file.</summary>
    internal string AllowDatabase { get; }

    /// <summary>A directory with a rule that lets the user store and retrieve descriptors of any name.</summary>
    internal string Holder { get; }

    private void GrantHolderRights()
    {
        string environment = Path.Combine(RuleOfUser(Holder), "env");
        _ = Directory.CreateDirectory(environment);
        foreach (string right in (string[])["STORE", "RETRIEVE"])
            File.WriteAllText(Path.Combine(environment, $"S6_FDHOLDER_{right}_REGEX"), ".\n");
    }

    private static string MakeDirectory(Session session, string verdict)
    {
        string directory = session.NewPath();
        string rule = RuleOfUser(directory);
        _ = Directory.CreateDirectory(rule);
        File.WriteAllText(Path.Combine(rule, verdict), "");
        return directory;
    }

    private static string RuleOfUser(string directory) => Path.Combine(directory, "uid", ChildProcess.UserId.ToString());
}
