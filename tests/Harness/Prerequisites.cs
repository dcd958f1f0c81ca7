using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace LocalService.Tests;

/// <summary>The programs and files that the tests need. A missing one fails the run: a skipped test proves nothing.</summary>
public static class Prerequisites
{
    /// <summary>The PATH for all programs other than the ones under test.</summary>
    public static string SystemPath { get; } = WithDotnet("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");

    // A program of each Debian package that the tests use.
    private static readonly Dictionary<string, string> packageOfProgram = new()
    {
        ["s6-ipcserver"] = "s6",
        ["execlineb"] = "execline",
        ["unixserver"] = "ucspi-unix",
        ["cdb"] = "tinycdb",
        ["socat"] = "socat",
        ["strace"] = "strace",
        ["busybox"] = "busybox",
        ["nc.openbsd"] = "netcat-openbsd",
        ["curl"] = "curl",
        ["python3"] = "python3",
        ["setpriv"] = "util-linux",
        ["ss"] = "iproute2",
        ["tcprules"] = "ucspi-tcp",
        ["xinetd"] = "xinetd",
        ["dnsmasq"] = "dnsmasq-base",
        ["knotd"] = "knot",
        ["unbound"] = "unbound",
        ["tcpsvd"] = "ipsvd",
        ["openssl"] = "openssl",
        ["cvs"] = "cvs",
        ["wrk"] = "wrk",
        ["pgrep"] = "procps",
        ["nm"] = "binutils",
        ["setcap"] = "libcap2-bin",
        ["mandoc"] = "mandoc",
        ["col"] = "bsdextrautils",
        ["logger"] = "bsdutils",
        ["zsh"] = "zsh",
        ["fish"] = "fish",
        ["systemd-socket-activate"] = "systemd",
        ["runsvdir"] = "runit",
        ["apparmor_parser"] = "apparmor",
    };

    /// <summary>The inetd of Debian's openbsd-inetd, which can't be installed beside xinetd and is only unpacked.</summary>
    public static string Inetd { get; } = Repository.PathOf("obj", "packages", "openbsd-inetd", "usr", "sbin", "inetd");

    private static readonly Lazy<string> missing = new(FindMissing);

    /// <summary>Fails the test when anything is missing, and names all of it.</summary>
    public static void Require()
    {
        if (missing.Value.Length > 0)
            throw new InvalidOperationException(missing.Value);
    }

    // The dotnet command may be anywhere. It is the one that runs the tests.
    private static string WithDotnet(string path) =>
        path.Split(':').Any(folder => File.Exists(Path.Combine(folder, "dotnet"))) ? path : $"{path}:{Path.GetDirectoryName(Environment.ProcessPath)}";

    private static string FindMissing()
    {
        if (Environment.UserName != "root")
            return "the tests change user ids: run them as root";
        if (!File.Exists(ProgramsUnderTest.Executable))
            return $"{ProgramsUnderTest.Executable} is not built: run ./build.sh build";
        if (!File.Exists(Inetd))
            return $"{Inetd} is missing: run ./build.sh setup";
        string[] folders = SystemPath.Split(':');
        string[] packages = [.. packageOfProgram.Where(entry => !folders.Any(folder => File.Exists(Path.Combine(folder, entry.Key)))).Select(entry => entry.Value)];
        return packages.Length == 0 ? "" : $"Debian packages are missing: {string.Join(' ', packages)}";
    }
}
