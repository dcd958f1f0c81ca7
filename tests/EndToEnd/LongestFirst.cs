using System;
using System.Collections.Generic;
using System.Linq;
using Xunit;
using Xunit.Abstractions;

[assembly: TestCollectionOrderer("LocalService.Tests.EndToEnd.LongestFirst", "EndToEnd")]

namespace LocalService.Tests.EndToEnd;

/// <summary>
/// Runs the slowest classes first, so that the run doesn't wait for one of them at the end. A class that is missing here only costs time.
/// </summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] longest =
    [
        nameof(Native.ModelTests), nameof(Packaging.PackageTests), nameof(Native.ReproducibleBuildTests), nameof(Native.FuzzTests), nameof(ServerCases),
        nameof(Server.ExhaustionTests), nameof(Events.EventFaultTests), nameof(Dns.FilterTests), nameof(ClientCases), nameof(Kernel.NewerCallTests),
        nameof(TcpCases), nameof(Dns.SkadnsdTests), nameof(Dns.FilterSessionTests), nameof(Native.SoakTests),
    ];

    /// <inheritdoc/>
    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) => testCollections.OrderBy(Rank);

    private static int Rank(ITestCollection collection)
    {
        int rank = Array.FindIndex(longest, name => collection.DisplayName.EndsWith($".{name}", StringComparison.Ordinal));
        return rank < 0 ? longest.Length : rank;
    }
}
