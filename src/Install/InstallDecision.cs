namespace LocalService.Install;

/// <summary>The kind of the existing directory entry with a name.</summary>
internal enum Presence : byte
{
    Missing,

    /// <summary>The link that the installation would make.</summary>
    Link,

    /// <summary>At the name of the executable: a file, an earlier version of it.</summary>
    Executable,

    /// <summary>Anything else, such as the program of another package.</summary>
    Foreign,

    Directory,
}

/// <summary>The action for a name.</summary>
internal enum InstallAction : byte
{
    /// <summary>Nothing: the link exists already.</summary>
    Keep,

    Create,
    Replace,

    /// <summary>Stops the installation: the user has to allow replacing first.</summary>
    Refuse,

    /// <summary>Stops the installation: a directory can't be replaced.</summary>
    RefuseDirectory,
}

/// <summary>The rules of the installation.</summary>
internal static class InstallDecision
{
    /// <summary>The action for a name.</summary>
    /// <param name="presence">The existing entry with that name.</param>
    /// <param name="mayReplace">Whether the user allows replacing files that aren't part of an installation.</param>
    internal static InstallAction For(Presence presence, bool mayReplace) => presence switch
    {
        Presence.Missing => InstallAction.Create,
        Presence.Link => InstallAction.Keep,
        Presence.Executable => InstallAction.Replace,
        Presence.Foreign => mayReplace ? InstallAction.Replace : InstallAction.Refuse,
        _ => InstallAction.RefuseDirectory,
    };
}
