using System;
using System.Runtime.CompilerServices;
using LocalService.Cdb;
using LocalService.CommandLine;
using LocalService.Dns.Configuration;
using LocalService.Dns.Packets;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Dns.Hosts;

/// <summary>
/// Names and addresses of /etc/hosts, or of /etc/hosts.cdb if that is newer or the only one. If the database is damaged, reports it and uses the
/// text. Specification "dns", section 4.2, with B9 and B29.
/// </summary>
internal unsafe struct HostsFile
{
    private const int LargestFile = 64 * 1024 * 1024;
    private const int MillisecondsBetweenChecks = 1000;

    private ByteBuffer text;
    private CdbFile database;
    private byte* window; // of the database
    private bool usesDatabase;
    private Result<FileStatus> textStatus;
    private Result<FileStatus> databaseStatus;
    private long nextCheck;

    private static ReadOnlySpan<byte> TextPath => "/etc/hosts\0"u8;

    private static ReadOnlySpan<byte> DatabasePath => "/etc/hosts.cdb\0"u8;

    /// <summary>Opens the files that exist. A missing file counts as empty; another error is returned.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // called from many places
    internal Errno Open(Diagnostics diagnostics)
    {
        nextCheck = Clock.Milliseconds + MillisecondsBetweenChecks;
        textStatus = StatusOf(TextPath);
        databaseStatus = StatusOf(DatabasePath);
        usesDatabase = !databaseStatus.Failed && databaseStatus.Value.Size > 0
            && (textStatus.Failed || databaseStatus.Value.IsNewerThan(textStatus.Value));
        if (usesDatabase)
            OpenDatabase(diagnostics);
        return usesDatabase ? default : ReadText(diagnostics);
    }

    /// <summary>
    /// Opens everything again when a file has changed; checks at most once a second. Of a text that can't be read any more, what was read before stays,
    /// and the error is returned once.
    /// </summary>
    internal Errno Refresh(Diagnostics diagnostics)
    {
        long now = Clock.Milliseconds;
        if (now < nextCheck)
            return default;
        nextCheck = now + MillisecondsBetweenChecks;
        if (!HasChanged(textStatus, StatusOf(TextPath)) && !HasChanged(databaseStatus, StatusOf(DatabasePath)))
            return default;
        if (usesDatabase)
            database.Close();
        return Open(diagnostics);
    }

    /// <summary>Adds the addresses of a name, 4 or 16 bytes each, in their order.</summary>
    internal Errno FindAddresses(in DomainName name, bool v4, ref ByteBuffer found, Diagnostics diagnostics)
    {
        int start = found.Length;
        if (usesDatabase)
        {
            Errno error = HostsDatabase.FindAddresses(ref database, name, v4, ref found);
            if (!error.Failed)
                return default;
            found.Truncate(start);
            error = LeaveDatabase(error, diagnostics);
            if (error.Failed)
                return error;
        }
        Span<byte> bytes = stackalloc byte[IpAddress.V6Size];
        var lines = new HostsText(text.Content);
        while (lines.Next(out IpAddress address, out TextWords names))
        {
            if (address.IsV4 != v4)
                continue;
            bool isNamed = false;
            while (!isNamed && names.Next(out ReadOnlySpan<byte> word))
                isNamed = HostsText.IsName(word, name);
            Errno error = isNamed ? found.Add(bytes[..address.Write(bytes)]) : default;
            if (error.Failed)
                return error;
        }
        return default;
    }

    /// <summary>Adds the names of an address, each ended by NUL, in their order.</summary>
    internal Errno FindNames(IpAddress address, ref ByteBuffer found, Diagnostics diagnostics)
    {
        int start = found.Length;
        if (usesDatabase)
        {
            Errno error = HostsDatabase.FindNames(ref database, address, ref found);
            if (!error.Failed)
                return default;
            found.Truncate(start);
            error = LeaveDatabase(error, diagnostics);
            if (error.Failed)
                return error;
        }
        var lines = new HostsText(text.Content);
        while (lines.Next(out IpAddress other, out TextWords names))
        {
            while (other.Equals(address) && names.Next(out ReadOnlySpan<byte> word))
            {
                Errno error = found.Add(word) && found.Add(0);
                if (error.Failed)
                    return error;
            }
        }
        return default;
    }

    /// <summary>Reads a whole file. EFBIG above 64 MiB.</summary>
    internal static Errno Read(CString path, ref ByteBuffer text)
    {
        Result<FileStatus> status = FileStatus.Of(path);
        if (status.Failed || status.Value.Size > LargestFile)
            return status.Failed ? status.Error : new Errno(libc.EFBIG);
        Errno error = text.Extend((int)status.Value.Size);
        if (error.Failed)
            return error;
        Result<int> size = RegularFile.Read(LibC.AT_FDCWD, path, text.Content);
        text.Truncate(size.Failed ? 0 : size.Value);
        return size.Error;
    }

    private void OpenDatabase(Diagnostics diagnostics)
    {
        if (window == null)
            window = Arena.Allocate(CdbFile.WindowSize);
        fixed (byte* path = DatabasePath)
        {
            Errno error = CdbFile.Open(path, window, out database);
            usesDatabase = !error.Failed;
            if (error.Failed)
                diagnostics.Warning(error, "unable to use /etc/hosts.cdb"u8);
        }
    }

    private Errno LeaveDatabase(Errno error, Diagnostics diagnostics)
    {
        diagnostics.Warning(error, "unable to use /etc/hosts.cdb"u8);
        database.Close();
        usesDatabase = false;
        return ReadText(diagnostics);
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // called from many places
    private Errno ReadText(Diagnostics diagnostics)
    {
        bool isMissing = textStatus.Failed && textStatus.Error.Number is libc.ENOENT or libc.ENOTDIR;
        if (textStatus.Failed && !isMissing)
            return textStatus.Error;
        ByteBuffer found = default;
        Errno error = default;
        fixed (byte* path = TextPath)
            error = isMissing ? default : Read(path, ref found);
        if (error.Failed)
        {
            found.Free();
            return error;
        }
        text.Free();
        text = found;
        var lines = new HostsText(text.Content);
        while (lines.Next(out _, out _))
        {
        }
        if (lines.Skipped > 0)
        {
            ReadOnlySpan<byte> count = Numbers.Decimal((ulong)lines.Skipped, stackalloc byte[Numbers.LongestText]);
            diagnostics.Warning("ignoring wrong lines of /etc/hosts: "u8, count);
        }
        return default;
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // called from many places
    private static Result<FileStatus> StatusOf(ReadOnlySpan<byte> path)
    {
        fixed (byte* name = path)
            return FileStatus.Of(name);
    }

    private static bool HasChanged(Result<FileStatus> before, Result<FileStatus> now) => before.Failed || now.Failed
        ? before.Error.Number != now.Error.Number
        : !now.Value.IsUnchangedSince(before.Value);
}
