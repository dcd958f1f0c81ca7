using System;
using LocalService.Cdb;
using LocalService.CommandLine;
using LocalService.Dns.Hosts;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Dns.Lookups;

/// <summary>
/// Writes the file under a temporary name and renames it, so that the old one stays valid until the new one is complete. Specification "dns", section
/// 4.2, with B29.
/// </summary>
internal readonly struct DnsHostsCompile : IRole
{
    private const uint Mode = 0x1A4; // 0644

    public static ReadOnlySpan<byte> Program => "s6-dns-hosts-compile"u8;
    public static int ManualSection => 8;
    public static ReadOnlySpan<byte> Summary => "compile /etc/hosts into a cdb file"u8;

    public static ReadOnlySpan<byte> Declaration =>
        """
        -i --input=ifile  the file to read; the default is /etc/hosts
        -o --output=ofile  the file to write; the default is /etc/hosts.cdb
        """u8;

    public static Outcome Run(Invocation invocation)
    {
        var diagnostics = new Diagnostics(Program);
        var reader = new OptionReader(invocation.Words, Declaration);
        CString source = Arena.CString("/etc/hosts"u8);
        CString target = Arena.CString("/etc/hosts.cdb"u8);
        while (reader.Next(out char option))
        {
            if (option == 'i')
                source = reader.ArgumentPointer;
            else
                target = reader.ArgumentPointer;
        }
        if (reader.IsWrong)
            return diagnostics.Usage(reader);
        ByteBuffer text = default;
        HostsCompiler compiler = default;
        int skipped = 0;
        Errno error = HostsFile.Read(source, ref text) && compiler.Read(text.Content, out skipped);
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to compile "u8, Bytes.OfC(source));
        if (skipped > 0)
            diagnostics.Warning("ignoring wrong lines: "u8, Numbers.Decimal((ulong)skipped, stackalloc byte[Numbers.LongestText]));
        CString temporary = TemporaryName.Beside(Bytes.OfC(target), Program);
        Result<int> created = TemporaryName.Create(temporary, Mode);
        if (created.Failed)
            return diagnostics.Fatal(created.Error, "unable to create "u8, Bytes.OfC(temporary));
        using var file = new Descriptor(created.Value);
        error = Write(ref compiler, file.Number) && DirectoryEntry.Rename(LibC.AT_FDCWD, temporary, LibC.AT_FDCWD, target);
        if (!error.Failed)
            return Outcome.Exit(ExitCode.Success);
        _ = DirectoryEntry.Remove(LibC.AT_FDCWD, temporary);
        return diagnostics.Fatal(error, "unable to write "u8, Bytes.OfC(target));
    }

    private static Errno Write(ref HostsCompiler compiler, int file)
    {
        var database = new CdbWriter(file);
        Errno error = database.Start() && compiler.Write(ref database) && database.Finish();
        if (!error.Failed && libc.fchmod(file, Mode) < 0) // whatever the umask
            error = Errno.Last;
        if (!error.Failed && libc.fsync(file) < 0)
            error = Errno.Last;
        return error;
    }
}
