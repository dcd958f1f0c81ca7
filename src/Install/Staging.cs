using System;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Install;

/// <summary>
/// A temporary directory inside the installation directory. All files are created in it before any is moved to its final name, and it keeps
/// the replaced files until the installation is done. It is removed when it goes out of scope.
/// </summary>
internal unsafe ref struct Staging
{
    private const uint PrivateMode = 0x1C0; // 0700
    private const uint ExecutableMode = 0x1ED; // 0755

    private CString path;
    private int directory;

    private static ReadOnlySpan<byte> BackupSuffix => ".before"u8;

    /// <summary>Creates the directory.</summary>
    internal static Errno Create(ReadOnlySpan<byte> installation, out Staging staging)
    {
        staging = new Staging { path = TemporaryName.Beside(Bytes.OfC(Arena.CString(installation, "/.localservice"u8)), "install"u8), directory = -1 };
        Errno error = staging.Make();
        if (error.Failed)
        {
            staging.path = null;
            return error;
        }
        staging.directory = Descriptor.Open(LibC.AT_FDCWD, staging.path, LibC.O_RDONLY | LibC.O_DIRECTORY | LibC.O_NOFOLLOW).Release();
        return Errno.Of(staging.directory);
    }

    /// <summary>Copies an open file to a name, executable for all. The copy is on disk when the method returns.</summary>
    internal readonly Errno AddExecutable(int source, CString name)
    {
        using var target = Descriptor.Open(directory, name, LibC.O_WRONLY | LibC.O_CREAT | LibC.O_EXCL, PrivateMode);
        if (target.Number < 0)
            return Errno.Last;
        return RegularFile.Copy(source, target.Number)
            && Errno.Of(libc.fchmod(target.Number, ExecutableMode))
            && Errno.Of(libc.fsync(target.Number));
    }

    /// <summary>Makes a symbolic link.</summary>
    internal readonly Errno AddLink(byte* destination, CString name) => Errno.Of(libc.symlinkat(destination, directory, name));

    /// <summary>Gives a new file its final name, which must be free. EEXIST if it is in use by then.</summary>
    internal readonly Errno Place(int target, CString name) => DirectoryEntry.Link(directory, name, target, name);

    /// <summary>Replaces an existing file by a new one, and keeps the old file for <see cref="PutBack"/>.</summary>
    internal readonly Errno Replace(int target, CString name)
    {
        return DirectoryEntry.Link(target, name, directory, BackupOf(name)) && DirectoryEntry.Rename(directory, name, target, name);
    }

    /// <summary>Undoes <see cref="Replace"/>.</summary>
    internal readonly void PutBack(int target, CString name) => _ = DirectoryEntry.Rename(directory, BackupOf(name), target, name);

    public void Dispose()
    {
        if (directory >= 0)
            _ = libc.close(directory);
        directory = -1;
        if (!path.IsNull)
            _ = DirectoryTree.Remove(LibC.AT_FDCWD, path);
        path = null;
    }

    private readonly Errno Make()
    {
        for (int attempt = 1; ; attempt++)
        {
            TemporaryName.Choose(path);
            Errno error = DirectoryEntry.MakeDirectory(LibC.AT_FDCWD, path, PrivateMode);
            if (!error.Is(libc.EEXIST) || attempt == TemporaryName.Attempts)
                return error;
        }
    }

    private static CString BackupOf(CString name) => Arena.CString(Bytes.OfC(name), BackupSuffix);
}
