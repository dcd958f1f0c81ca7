using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Xunit;

namespace LocalService.Tests.EndToEnd.Kernel;

/// <summary>
/// Decision 28: everything works on Linux 3.10, and where a filter of system calls refuses newer ones. One table lists all newer calls and flags that
/// the roles use.
/// </summary>
[Trait("Decision", "28")]
public sealed partial class NewerCallTests
{
    // Newer than Linux 3.10: the call, its flag (empty when the call itself is new), the scenarios that use it, and which of its calls fail, if not
    // all (the second of two is the older way with the same name).
    private static readonly NewerCall[] table =
    [
        new("preadv2", "RWF_NOWAIT", ["copy"]),
        new("pwritev2", "RWF_NOWAIT", ["copy", "log"]),
        new("renameat2", "RENAME_NOREPLACE", ["compilers"]),
        new("faccessat2", "", ["chain", "gate by directory", "gate as a program"]),
        new("getrandom", "", ["random"]),
        new("epoll_ctl", "EPOLLEXCLUSIVE", ["threads"], "1+2"),
        new("prctl", "PR_CAP_AMBIENT", ["chain"]),
        new("prctl", "PR_SET_MM_MAP", ["gate by directory", "holder"]),
    ];

    // Flags that a filter can't refuse by themselves. Before Linux 4.11 fstatat(2) answers EINVAL, and a process closes the descriptors that the
    // thread can't be sure of. Before 5.14 the kernel doesn't tell how large the frame of a signal is, and the server uses a common size. Before 4.2
    // a local port is chosen at bind(2).
    private static readonly string[] harmlessFlags = ["AT_STATX_DONT_SYNC", "AT_MINSIGSTKSZ", "IP_BIND_ADDRESS_NO_PORT"];

    // Older, but refused by some filters and not needed.
    private static readonly NewerCall[] dispensable = [new("timerfd_create", "", ["holder"]), new("timerfd_settime", "", ["holder"]), new("splice", "", ["copy"])];

    // Newer, without an older way: a role that needs one says so. The lock daemon's locks of open files, Linux 3.15; the groups and the process of a
    // client; a file below a directory, whose older way has tests of its own.
    private static readonly string[] needed = ["SO_PEERGROUPS", "SO_PEERPIDFD", "F_OFD_SETLK", "F_OFD_SETLKW", "RESOLVE_BENEATH", "RESOLVE_NO_MAGICLINKS", "open_how", "openat2"];

    private static readonly string[] errors = ["ENOSYS", "EPERM", "EINVAL", "EOPNOTSUPP"];

    // Calls that Linux got after 3.10 and that programs like these might use; none of them may be needed.
    private const string SinceLinux310 =
        "statx,getrandom,preadv2,pwritev2,renameat2,faccessat2,openat2,close_range,memfd_create,clone3,membarrier,execveat,copy_file_range," +
        "pidfd_open,pidfd_send_signal,rseq,seccomp,epoll_pwait2,mlock2,sched_setattr";

    private sealed record NewerCall(string Name, string Flag, string[] Users, string When = "");

    /// <summary>Each call of the tables with each of its users and each error.</summary>
    public static IEnumerable<object[]> Refusals =>
        from call in table.Concat(dispensable) from user in call.Users from error in errors select (object[])[call.Name, call.When, user, error];

    /// <summary>All scenarios.</summary>
    public static IEnumerable<object[]> Scenarios => KernelScenarios.Names.Select(name => (object[])[name]);

    [Theory]
    [MemberData(nameof(Refusals))]
    public void A_newer_call_that_is_refused_costs_nothing_but_speed(string name, string when, string user, string error)
    {
        // Refused from the first call on, or only after it has worked once or twice.
        string[] times = when.Length > 0 ? [when] : ["1+", "2+", "3+"];
        foreach (string time in times)
            KernelScenarios.Expect(user, $"-e trace={name} -e inject={name}:error={error}:when={time}");
    }

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void No_role_needs_anything_that_is_newer_than_Linux_3_10(string scenario)
    {
        foreach (string error in errors)
            KernelScenarios.Expect(scenario, $"-e trace={SinceLinux310} -e inject={SinceLinux310}:error={error}");
    }

    [Fact]
    public void Every_call_and_flag_that_is_used_is_as_old_as_Linux_3_10_or_has_a_row()
    {
        HashSet<string> known = [.. File.ReadAllText(Repository.PathOf("tests", "EndToEnd", "Kernel", "linux-3.10.names")).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)];
        known.UnionWith(harmlessFlags);
        known.UnionWith(table.SelectMany(call => (string[])[call.Name, call.Flag]));
        known.UnionWith(needed);
        string[] unknown = [.. UsedNames().Where(name => !known.Contains(name)).Distinct().Order()];
        Assert.True(unknown.Length == 0, $"older than Linux 3.10 (then to be added to linux-3.10.names), or in need of a row and of another way? {string.Join(' ', unknown)}");
    }

    [Fact]
    public void The_documentation_tells_what_older_kernels_lack()
    {
        string text = File.ReadAllText(Repository.PathOf("doc", "kernels.md"));
        Assert.Contains("Linux 3.10", text, StringComparison.Ordinal);
        Assert.All(table, call => Assert.Contains(call.Flag.Length > 0 ? call.Flag : call.Name, text, StringComparison.Ordinal));
    }

    /// <summary>The names of libc and of the kernel that the sources use, without error numbers and kinds of files and signals.</summary>
    private static IEnumerable<string> UsedNames()
    {
        string[] files = Directory.GetFiles(Repository.PathOf("src"), "*.cs", SearchOption.AllDirectories);
        return files.SelectMany(file => LibcName().Matches(File.ReadAllText(file))).Select(match => match.Groups[1].Value)
            .Concat(files.Where(file => file.Contains("/Libc/", StringComparison.Ordinal)).SelectMany(file => SystemCallNumber().Matches(File.ReadAllText(file))).Select(match => match.Groups[1].Value))
            .Where(name => !NoCallNoFlag().IsMatch(name));
    }

    [GeneratedRegex(@"\b(?:libc|LibC)\.([A-Za-z_]\w*)")]
    private static partial Regex LibcName();

    [GeneratedRegex(@"\bint SYS_(\w+)")]
    private static partial Regex SystemCallNumber();

    [GeneratedRegex("^(E[A-Z0-9]+|S_I.*|SIG.*|errno|.*_t|NULL)$")]
    private static partial Regex NoCallNoFlag();
}
