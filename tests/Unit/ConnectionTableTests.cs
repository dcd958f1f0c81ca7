using System.Collections.Generic;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using LocalService.Server;
using Xunit;

namespace LocalService.Tests.Unit;

/// <summary>
/// Connections begin, get a child or fail, and end, in any order that several threads can cause. A child may end before it is registered, and
/// children with any process id end that the table never knew. Groups are counted as well, or not.
/// </summary>
public sealed unsafe class ConnectionTableTests
{
    private readonly record struct Begun(uint Client, uint Group, ConnectionPlace Place, int Child, int? EndStatus, nint Acceptor);

    /// <summary>What happens, which connection it happens to, and its client.</summary>
    private static readonly Gen<(int What, int Which, int User)[]> histories = Properties.List(
        Gen.Choose(0, 9).SelectMany(what => Gen.Zip(Gen.Choose(0, 1000), Gen.Choose(0, 4)).Select(rest => (what, rest.Item1, rest.Item2))), 400);

    [Fact]
    public void Agrees_with_lists() => Properties.ForAll(histories, history => Check(history, countsGroups: false), runs: 300);

    [Fact]
    public void Agrees_with_lists_of_groups() => Properties.ForAll(histories, history => Check(history, countsGroups: true), runs: 300);

    private static void Check((int What, int Which, int User)[] history, bool countsGroups)
    {
        var table = new ConnectionTable { CountsGroups = countsGroups };
        var begun = new List<Begun>();
        var registered = new List<(int Child, uint Client, uint Group)>();
        int nextChild = 1;
        AcceptorChild* acceptors = stackalloc AcceptorChild[400];
        for (int place = 0; place < 400; place++)
        {
            acceptors[place] = default;
            table.Join(&acceptors[place]);
        }

        uint Count(uint client) => (uint)(begun.Count(item => item.Client == client) + registered.Count(item => item.Client == client));

        foreach ((int what, int which, int user) in history)
        {
            switch (what)
            {
                case <= 2:
                    Assert.False(table.Reserve((uint)begun.Count + 1).Failed);
                    AcceptorChild* acceptor = acceptors;
                    while (begun.Exists(item => item.Acceptor == (nint)acceptor))
                        acceptor++;
                    acceptor->Process.Started = nextChild;
                    uint group = (uint)which % 3;
                    begun.Add(new Begun((uint)user, group, table.Begin(Key((uint)user), GroupKey(group)), nextChild++, null, (nint)acceptor));
                    break;
                case <= 5 when begun.Count > 0:
                    Begun connection = Take(begun, which);
                    Assert.Equal(connection.EndStatus is not null, table.Register(connection.Child, (AcceptorChild*)connection.Acceptor, connection.Place, out int status, out uint left));
                    if (connection.EndStatus is null)
                        registered.Add((connection.Child, connection.Client, connection.Group));
                    else
                        Assert.Equal((connection.EndStatus.Value, Count(connection.Client)), (status, left));
                    break;
                case 6 when begun.Count > 0:
                    Begun failed = Take(begun, which);
                    if (failed.EndStatus is null)
                        ((AcceptorChild*)failed.Acceptor)->Process.Started = 0;
                    Assert.Equal(Count(failed.Client), table.Abort(failed.Place));
                    break;
                case 7 when begun.Exists(item => item.EndStatus is null):
                    int early = begun.FindIndex(item => item.EndStatus is null);
                    begun[early] = begun[early] with { EndStatus = which };
                    Assert.False(table.End(begun[early].Child, which, out _, out _));
                    break;
                case 8 when registered.Count > 0:
                    (int child, uint owner, _) = Take(registered, which);
                    Assert.True(table.End(child, which, out ClientKey told, out uint rest));
                    Assert.Equal((owner, Count(owner)), ((uint)told.Low, rest));
                    break;
                case 9:
                    // One of these has the process id of a child that begins soon.
                    Assert.False(table.End(nextChild + which % 3, which, out _, out _));
                    break;
            }
            uint[] users = [.. begun.Select(item => item.Client), .. registered.Select(item => item.Client)];
            Assert.Equal((uint)users.Length, table.Count);
            Assert.Equal((uint)begun.Count, table.Begun);
            Assert.Equal((uint)registered.Count, table.Registered);
            Assert.Equal(registered.Select(item => item.Child).Order(), Children(table).Order());
            Assert.All(registered, item => Assert.True(table.IsRegistered(item.Child)));
            Assert.All(begun, item => Assert.False(table.IsRegistered(item.Child)));
            uint[] groups = [.. begun.Select(item => item.Group), .. registered.Select(item => item.Group)];
            for (uint id = 0; id <= 2; id++)
                Assert.Equal(countsGroups ? (uint)groups.Count(item => item == id) : 0, table.CountOf(GroupKey(id)));
            for (uint id = 0; id <= 4; id++)
                Assert.Equal((uint)users.Count(item => item == id), table.CountOf(Key(id)));
        }
    }

    private static ClientKey Key(uint number) => new(7, number);

    private static ClientKey GroupKey(uint number) => new(8, number);

    private static IEnumerable<int> Children(ConnectionTable table)
    {
        for (int place = 0; place < table.Places; place++)
        {
            if (table.TryChildAt(place, out int child))
                yield return child;
        }
    }

    private static T Take<T>(List<T> list, int which)
    {
        T item = list[which % list.Count];
        list.Remove(item);
        return item;
    }
}
