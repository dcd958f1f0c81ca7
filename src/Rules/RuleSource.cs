namespace LocalService.Rules;

/// <summary>Where the rules of a gate are.</summary>
internal readonly unsafe struct RuleSource
{
    private RuleSource(byte* path, bool isDatabase)
    {
        Path = path;
        IsDatabase = isDatabase;
    }

    /// <summary>The directory or database, a C string; null when there are no rules and everybody is let in.</summary>
    internal byte* Path { get; }

    internal bool IsDatabase { get; }

    internal bool IsNone => Path == null;

    internal static RuleSource Directory(byte* path) => new(path, isDatabase: false);

    internal static RuleSource Database(byte* path) => new(path, isDatabase: true);
}
