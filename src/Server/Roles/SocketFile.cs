using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Server;

/// <summary>The options for the file of a server's socket.</summary>
internal struct SocketFileOptions
{
    /// <summary>Permissions; only <see cref="SocketFile.AllPermissions"/> of them count.</summary>
    internal uint Permissions;

    /// <summary>Owner and group; by default those of the process.</summary>
    internal FileOwner Owner;

    /// <summary>
    /// Whether an existing socket is removed, under a lock on <c>PATH.lock</c> that lasts until the new one listens. Anything that isn't a socket
    /// stays.
    /// </summary>
    internal bool Replace;

    /// <summary>Whether a socket stays when a server is alive on it.</summary>
    internal bool KeepLiving;

    /// <summary>The type of the socket: SOCK_STREAM or SOCK_DGRAM.</summary>
    internal int Type;

    /// <summary>The argument of listen(2); 0: don't listen.</summary>
    internal uint Backlog;
}

/// <summary>
/// The file of a server's socket in the file system, and how a new one replaces an old one. Its methods return an outcome with an exit code other
/// than 0 after they have written a message.
/// </summary>
internal readonly unsafe ref struct SocketFile
{
    /// <summary>All the permissions that a socket file can have, 0777.</summary>
    internal const uint AllPermissions = 0x1FF;

    // For new lock files: 0600, whatever the umask of the caller and the permissions of the socket are (decision 5).
    private const uint LockPermissions = 0x180;

    private readonly Diagnostics diagnostics;
    private readonly ReadOnlySpan<byte> path;
    private readonly CString name;
    private readonly UnixAddress address;
    private readonly SocketFileOptions options;

    /// <param name="diagnostics">For messages.</param>
    /// <param name="path">The path, or an abstract name, which has neither a file nor a lock.</param>
    /// <param name="address">Its address.</param>
    /// <param name="options">The options for its file.</param>
    internal SocketFile(Diagnostics diagnostics, ReadOnlySpan<byte> path, UnixAddress address, SocketFileOptions options)
    {
        this.diagnostics = diagnostics;
        this.path = path;
        this.address = address;
        this.options = options;
        name = Arena.CString(path);
    }

    private static Outcome Done => Outcome.Exit(ExitCode.Success);

    /// <summary>
    /// Binds a socket, with exactly the given permissions, owner and group, and makes it listen. The umask of the process is restored before this
    /// returns.
    /// </summary>
    internal Outcome Bind(int socket)
    {
        uint callersMask = libc.umask(AllPermissions & ~LockPermissions);
        Outcome outcome = options.Replace && !address.IsAbstract ? Replace(socket) : Make(socket);
        _ = libc.umask(callersMask);
        return outcome;
    }

    private Outcome Replace(int socket)
    {
        // Nothing is touched, not even the lock file created, when the file at the path could not be removed anyway.
        Outcome outcome = CheckReplaceable();
        if (outcome.Code != ExitCode.Success)
            return outcome;
        CString lockName = Arena.CString(path, ".lock"u8);
        using var lockFile = Descriptor.Open(
            LibC.AT_FDCWD, lockName, LibC.O_WRONLY | LibC.O_CREAT | LibC.O_NOFOLLOW | LibC.O_NONBLOCK | LibC.O_NOCTTY, LockPermissions);
        outcome = lockFile.Number < 0 ? CannotOpenLock(Errno.Last, lockName) : TakeLock(lockFile.Number, lockName);
        // Check again: only the lock keeps the file from changing.
        if (outcome.Code == ExitCode.Success)
            outcome = CheckReplaceable();
        if (outcome.Code == ExitCode.Success && options.KeepLiving)
            outcome = CheckNobodyLives();
        if (outcome.Code != ExitCode.Success)
            return outcome;
        // A failure shows in bind(2), whose error is of more use to the user.
        _ = DirectoryEntry.Remove(LibC.AT_FDCWD, name);
        return Make(socket);
    }

    private Outcome CheckReplaceable()
    {
        Result<FileStatus> status = FileStatus.OfLink(name);
        if (status.Failed)
            return status.Error.Is(libc.ENOENT) ? Done : diagnostics.Fatal(status.Error, "unable to stat "u8, path);
        return status.Value.IsSocket ? Done : CannotBind(new Errno(libc.EADDRINUSE));
    }

    /// <summary>
    /// A server is alive when connect(2) succeeds, or finds the backlog full, or finds a bound socket of another type. The absence of a server has to
    /// be certain: any other failure to ask is an error.
    /// </summary>
    private Outcome CheckNobodyLives()
    {
        using var client = new Descriptor(libc.socket(libc.AF_UNIX, options.Type | libc.SOCK_CLOEXEC | libc.SOCK_NONBLOCK, 0));
        Errno error = Errno.Of(client.Number) && UnixConnect.Within(client.Number, address, 0);
        if (error.Number is libc.ECONNREFUSED or libc.ENOENT)
            return Done;
        return !error.Failed || error.Number is libc.EAGAIN or libc.EPROTOTYPE
            ? CannotBind(new Errno(libc.EADDRINUSE))
            : diagnostics.Fatal(error, "unable to ask whether a server is alive on "u8, path);
    }

    /// <summary>Binds, gives the file to its owner, and only then listens: nobody can connect before.</summary>
    private Outcome Make(int socket)
    {
        // A datagram socket receives at once: nobody may send to it before it has its owner.
        bool opensLater = options.Type == libc.SOCK_DGRAM && options.Owner.IsGiven;
        _ = libc.umask(AllPermissions & ~(opensLater ? 0 : options.Permissions));
        Errno error = address.Bind(socket);
        if (error.Failed)
            return CannotBind(error);
        error = options.Owner.IsGiven ? SocketOwner.Give(name, options.Owner, opensLater ? options.Permissions & AllPermissions : null) : default;
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to chown "u8, path);
        if (options.Backlog > 0)
            error = Errno.Of(libc.listen(socket, options.Backlog > int.MaxValue ? int.MaxValue : (int)options.Backlog));
        return error.Failed ? diagnostics.Fatal(error, "unable to listen to "u8, path) : Done;
    }

    private Outcome TakeLock(int descriptor, CString lockName)
    {
        Result<FileStatus> status = FileStatus.OfDescriptor(descriptor);
        if (status.Failed)
            return diagnostics.Fatal(status.Error, "unable to stat "u8, Bytes.OfC(lockName));
        // A file that another user has put there could be locked by that user, or be any file of the system.
        if (!status.Value.IsRegular || (status.Value.OwnerId != 0 && status.Value.OwnerId != libc.geteuid()))
            return diagnostics.Fatal(ExitCode.System, Bytes.OfC(lockName), " is not a regular file of root or this user"u8);
        var request = new flock { l_type = (short)LibC.F_WRLCK };
        int result;
        do
            result = LibC.fcntl(descriptor, LibC.F_SETLK, &request);
        while (Errno.Interrupted(result));
        Errno error = Errno.Of(result);
        if (error.Number is libc.EAGAIN or libc.EACCES)
            return CannotBind(new Errno(libc.EBUSY));
        return error.Failed ? diagnostics.Fatal(error, "unable to lock "u8, Bytes.OfC(lockName)) : Done;
    }

    // Without a lock file the directory is the obstacle, for the socket too.
    private Outcome CannotOpenLock(Errno error, CString lockName) =>
        FileStatus.OfLink(lockName).Failed ? CannotBind(error) : diagnostics.Fatal(error, "unable to open "u8, Bytes.OfC(lockName));

    private Outcome CannotBind(Errno error) => diagnostics.Fatal(error, "unable to bind to "u8, path);
}
