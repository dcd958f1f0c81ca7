namespace LocalService.Install;

/// <summary>What stands at a name in the directory.</summary>
internal enum Presence : byte
{
    Missing,

    /// <summary>The link that the installation would make.</summary>
    Link,

    /// <summary>Where the executable goes: a file, an earlier version of it.</summary>
    Executable,

    /// <summary>Anything else, such as the program of another package.</summary>
    Foreign,

    Directory,
}

/// <summary>What is done about a name.</summary>
internal enum InstallAction : byte
{
    /// <summary>Nothing: it is there already.</summary>
    Keep,

    Create,
    Replace,

    /// <summary>Nothing at all is installed: the user has to allow replacing first.</summary>
    Refuse,

    /// <summary>Nothing at all is installed: a directory can't be replaced.</summary>
    RefuseDirectory,
}

/// <summary>The rules of the installation.</summary>
internal static class InstallDecision
{
    /// <summary>What to do about a name.</summary>
    /// <param name="presence">What stands there.</param>
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
