using LocalService.Memory;

namespace LocalService.Rules;

/// <summary>Where the rules of a gate are.</summary>
internal readonly struct RuleSource
{
    private RuleSource(CString path, bool isDatabase)
    {
        Path = path;
        IsDatabase = isDatabase;
    }

    /// <summary>The directory or database, a C string; null when there are no rules and everybody is let in.</summary>
    internal CString Path { get; }

    internal bool IsDatabase { get; }

    internal bool IsNone => Path.IsNull;

    internal static RuleSource Directory(CString path) => new(path, isDatabase: false);

    internal static RuleSource Database(CString path) => new(path, isDatabase: true);
}
