using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Dns.Configuration;

/// <summary>
/// Where the configuration comes from: DNSCACHEIP or the servers of /etc/resolv.conf; DNSQUALIFY, LOCALDOMAIN or its search list; its options and
/// RES_OPTIONS. Specification "dns", section 2.1, with B8 and B28.
/// </summary>
/// <param name="environment">The environment, which must stay valid.</param>
internal unsafe struct ConfigurationSource(EnvironmentBlock environment)
{
    private const int UsualFile = 2048;
    private const int LargestFile = 64 * 1024;
    private const int MillisecondsBetweenChecks = 1000;

    private readonly EnvironmentBlock environment = environment;
    private Result<FileStatus> status; // of the file that was read
    private long nextCheck;

    private static ReadOnlySpan<byte> Path => "/etc/resolv.conf\0"u8;

    /// <summary>Reads everything. A missing file is an empty one.</summary>
    /// <param name="needsSearch">Whether the search list will be used.</param>
    /// <param name="configuration">Gets what was read; undefined after an error.</param>
    /// <param name="diagnostics">For warnings about errors in it.</param>
    /// <returns>The error of reading the file, if the file is needed.</returns>
    internal Errno Read(bool needsSearch, ref ResolverConfiguration configuration, Diagnostics diagnostics)
    {
        configuration.Reset();
        if (environment.TryGet("DNSCACHEIP"u8, out ReadOnlySpan<byte> value))
            ResolvConf.ParseServers(value, ref configuration, diagnostics);
        bool hasServers = configuration.ServerCount > 0;
        bool hasSearch = environment.TryGet("DNSQUALIFY"u8, out value);
        configuration.BareNameLast = hasSearch;
        if (hasSearch || environment.TryGet("LOCALDOMAIN"u8, out value))
        {
            hasSearch = true;
            ResolvConf.ParseSearch(value, ref configuration, diagnostics);
        }
        // Most files are small and fit into a buffer on the stack.
        Span<byte> content = stackalloc byte[UsualFile];
        ByteBuffer large = default;
        Errno error = ReadFile(ref content);
        if (!error.Failed && content.Length == UsualFile)
        {
            error = large.Extend(LargestFile);
            content = large.Content;
            error = error && ReadFile(ref content);
        }
        if (!error.Failed)
            ResolvConf.Parse(content, !hasServers, !hasSearch, ref configuration, diagnostics);
        large.Free();
        bool isNeeded = !hasServers || (needsSearch && !hasSearch);
        if (error.Failed && isNeeded)
            return error;
        if (environment.TryGet("RES_OPTIONS"u8, out value))
            ResolvConf.ParseOptions(value, ref configuration);
        configuration.AddUsualServers();
        return default;
    }

    /// <summary>Whether the file has changed since it was read; checks at most once a second.</summary>
    /// <param name="now">The time, <see cref="Clock.Milliseconds"/>.</param>
    internal bool HasChanged(long now)
    {
        if (now < nextCheck)
            return false;
        nextCheck = now + MillisecondsBetweenChecks;
        Result<FileStatus> present = CurrentStatus();
        if (present.Failed || status.Failed)
            return present.Error.Number != status.Error.Number;
        return !present.Value.IsUnchangedSince(status.Value);
    }

    /// <summary>Reads as much of the file as there is room for.</summary>
    /// <param name="content">The buffer; then the part of it that was filled.</param>
    private Errno ReadFile(ref Span<byte> content)
    {
        nextCheck = Clock.Milliseconds + MillisecondsBetweenChecks;
        // Taken before reading, so that a change in between is noticed later.
        status = CurrentStatus();
        Result<int> size = status.Error;
        if (!status.Failed)
            size = Read(content);
        content = content[..(size.Failed ? 0 : size.Value)];
        return IsMissing(size.Error) ? default : size.Error;
    }

    private static Result<int> Read(Span<byte> content)
    {
        fixed (byte* path = Path)
            return RegularFile.Read(LibC.AT_FDCWD, path, content);
    }

    private static bool IsMissing(Errno error) => error.Number is libc.ENOENT or libc.ENOTDIR;

    private static Result<FileStatus> CurrentStatus()
    {
        fixed (byte* path = Path)
            return FileStatus.Of(path);
    }
}
