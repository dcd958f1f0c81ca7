using System;

namespace LocalService.Tests;

/// <summary>
/// A <see cref="Script"/> in network, mount and pid namespaces of its own, with an /etc of its own and the functions of <c>Tools/tcp.bash</c>: it
/// may use any port of any loopback address, and nothing that it started outlives it.
/// </summary>
public static class NetworkScript
{
    /// <summary>Runs commands and compares their output, as <see cref="Script.Expect"/> does.</summary>
    public static void Expect(string script, string output, string error = "") => Script.Expect(Wrap(script), output, error);

    /// <summary>The commands, wrapped so that they run this way.</summary>
    public static string Wrap(string script) =>
        "unshare --net --mount --pid --fork --kill-child --mount-proc bash -c 'source dns.bash; source tcp.bash; eval \"$1\"' bash "
        + $"'{script.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
