using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace LocalService.Tests.Unit.Dns;

/// <summary>Packets of Debian's servers, and how another reader parses them. <c>Tools/dns_corpus.py</c> made them.</summary>
internal static class PacketCorpus
{
    private static readonly Lazy<IReadOnlyList<(byte[] Packet, string Text)>> rows = new(Read);

    internal static IReadOnlyList<(byte[] Packet, string Text)> Rows => rows.Value;

    private static IReadOnlyList<(byte[] Packet, string Text)> Read() =>
    [
        .. File.ReadLines(Repository.PathOf("tests", "Unit", "Corpora", "dns-packets.txt"))
            .Where(line => !line.StartsWith('#'))
            .Select(line => line.Split(' ', 2))
            .Select(parts => (Convert.FromHexString(parts[0]), parts[1])),
    ];
}
