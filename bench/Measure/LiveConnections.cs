using System.Net.Sockets;

namespace LocalService.Bench;

/// <summary>Connections that stay open, with the service <c>until-end</c>.</summary>
internal static class LiveConnections
{
    private const int Step = 500;

    /// <summary>Opens connections and waits until the server has started a program for each; false if it doesn't accept that many.</summary>
    internal static bool TryOpen(Server server, int count, List<Socket> live)
    {
        for (int opened = 0; opened < count;)
        {
            // In steps, because connect(2) would wait forever for a server that accepts no more.
            for (int end = Math.Min(opened + Step, count); opened < end; opened++)
                live.Add(server.Connect());
            if (!Server.Await(() => server.Children >= opened))
                return false;
        }
        return true;
    }
}
