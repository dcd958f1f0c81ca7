using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Install;

/// <summary>
/// Puts this executable into a directory, with a relative symbolic link for each of its other names. All or nothing: it first checks
/// everything it can, creates all files in a <see cref="Staging"/> directory, then gives each file its name in one step, the executable
/// first, so that no name ever leads to a missing or half-written file. An error undoes all changes.
/// </summary>
/// <param name="directory">The directory.</param>
/// <param name="names">The name of the executable, then those of the links.</param>
/// <param name="mayReplace">Whether existing files with these names that aren't part of an installation may be replaced.</param>
/// <param name="diagnostics">For messages.</param>
internal ref struct Installation(ReadOnlySpan<byte> directory, Words names, bool mayReplace, Diagnostics diagnostics)
{
    private const uint DirectoryMode = 0x1FF; // 0777, and the umask applies

    private readonly ReadOnlySpan<byte> directory = directory;
    private readonly Diagnostics diagnostics = diagnostics;
    private InstalledNames installed;

    /// <summary>Installs. A signal that arrives meanwhile takes effect afterwards.</summary>
    internal unsafe Outcome Run()
    {
        using HeldSignals held = HeldSignals.Begin();
        CString path = Arena.CString(directory);
        Errno error = DirectoryEntry.MakeDirectory(LibC.AT_FDCWD, path, DirectoryMode);
        bool created = !error.Failed;
        if (!created && !error.Is(libc.EEXIST))
            return diagnostics.Fatal(error, "unable to make directory "u8, directory);
        Outcome outcome = InstallInto(path);
        if (created && outcome.Code != ExitCode.Success)
            _ = DirectoryEntry.RemoveDirectory(LibC.AT_FDCWD, path);
        return outcome;
    }

    private unsafe Outcome InstallInto(CString path)
    {
        using var opened = Descriptor.Open(LibC.AT_FDCWD, path, LibC.O_RDONLY | LibC.O_DIRECTORY);
        if (opened.Number < 0)
            return diagnostics.Fatal(Errno.Last, "unable to open directory "u8, directory);
        installed = new InstalledNames(opened.Number, names);
        Span<InstallAction> actions = stackalloc InstallAction[names.Count];
        Outcome outcome = Decide(actions);
        if (outcome.Code != ExitCode.Success)
            return outcome;

        Errno error = Staging.Create(directory, out Staging made);
        using Staging staging = made;
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to make a directory in "u8, directory);
        outcome = Make(staging, actions);
        if (outcome.Code == ExitCode.Success)
            outcome = Place(staging, actions);
        return outcome;
    }

    private readonly Outcome Decide(Span<InstallAction> actions)
    {
        for (int i = 0; i < actions.Length; i++)
        {
            Result<Presence> presence = installed.Look(i);
            if (presence.Failed)
                return Fail(presence.Error, "unable to stat "u8, i);
            actions[i] = InstallDecision.For(presence.Value, mayReplace);
            if (actions[i] == InstallAction.RefuseDirectory)
                return Fail(new Errno(libc.EISDIR), "unable to replace "u8, i);
            if (actions[i] == InstallAction.Refuse)
            {
                return diagnostics.Fatal(
                    ExitCode.Usage, directory, "/"u8, names[i], " exists and is not part of an installation; use --replace to overwrite it"u8);
            }
        }
        return Outcome.Exit(ExitCode.Success);
    }

    private readonly unsafe Outcome Make(Staging staging, ReadOnlySpan<InstallAction> actions)
    {
        Result<int> self = ThisExecutable.Open();
        if (self.Failed)
            return diagnostics.Fatal(self.Error, "unable to open this executable"u8);
        using var source = new Descriptor(self.Value);
        Errno error = staging.AddExecutable(source.Number, installed[InstalledNames.Executable]);
        if (error.Failed)
            return Fail(error, "unable to write "u8, InstalledNames.Executable);
        for (int i = InstalledNames.Executable + 1; i < actions.Length; i++)
        {
            if (actions[i] != InstallAction.Keep)
                error = staging.AddLink(installed[InstalledNames.Executable], installed[i]);
            if (error.Failed)
                return Fail(error, "unable to symlink "u8, i);
        }
        return Outcome.Exit(ExitCode.Success);
    }

    private readonly unsafe Outcome Place(Staging staging, ReadOnlySpan<InstallAction> actions)
    {
        for (int i = 0; i < actions.Length; i++)
        {
            Errno error = actions[i] switch
            {
                InstallAction.Create => staging.Place(installed.Directory, installed[i]),
                InstallAction.Replace => staging.Replace(installed.Directory, installed[i]),
                _ => default,
            };
            if (error.Failed)
            {
                TakeBack(staging, actions[..i]);
                return Fail(error, "unable to install "u8, i);
            }
        }
        if (libc.fsync(installed.Directory) == 0)
            return Outcome.Exit(ExitCode.Success);
        Errno unwritten = Errno.Last;
        TakeBack(staging, actions);
        return diagnostics.Fatal(unwritten, "unable to sync directory "u8, directory);
    }

    /// <summary>Undoes the changes, the links first.</summary>
    private readonly unsafe void TakeBack(Staging staging, ReadOnlySpan<InstallAction> done)
    {
        for (int i = done.Length - 1; i >= 0; i--)
        {
            if (done[i] == InstallAction.Create)
                _ = DirectoryEntry.Remove(installed.Directory, installed[i]);
            if (done[i] == InstallAction.Replace)
                staging.PutBack(installed.Directory, installed[i]);
        }
    }

    private readonly Outcome Fail(Errno error, ReadOnlySpan<byte> what, int index) =>
        diagnostics.Fatal(error, what, directory, "/"u8, names[index]);
}
