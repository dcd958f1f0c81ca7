using System;

namespace LocalService.Tests;

/// <summary>
/// A <see cref="Script"/> with a network and an /etc of its own, and the functions of <c>Tools/dns.bash</c>: DNS servers on any address of the
/// loopback, asked on port 53.
/// </summary>
public static class DnsScript
{
    /// <summary>Runs commands and compares their output, as <see cref="Script.Expect"/> does.</summary>
    public static void Expect(string script, string output, string error = "") => Script.Expect(
        $"unshare --net --mount bash -c 'source functions.bash; source dns.bash; eval \"$1\"' bash {Quoted(script)}", output, error);

    private static string Quoted(string text) => $"'{text.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
