using System.Net.Sockets;

namespace LocalService.Bench;

/// <summary>Connections that stay, with the service <c>until-end</c>.</summary>
internal static class LiveConnections
{
    /// <summary>Opens connections and waits until the server has started a program for each.</summary>
    internal static void Open(Server server, int count, List<Socket> live)
    {
        for (int i = 0; i < count; i++)
            live.Add(server.Connect());
        if (!Server.Await(() => server.Children >= count))
            throw new TimeoutException($"the server has {server.Children} of {count} processes");
    }
}
