using System;
using System.IO;
using System.Linq;
using System.Text;
using LocalService.Services;
using Xunit;

namespace LocalService.Tests.Unit;

/// <summary>The contents of a server's status file.</summary>
public sealed unsafe class ServerStatusTests
{
    private const int ProcessAt = 8;

    [Fact]
    public void A_child_that_ended_before_it_was_entered_leaves_the_one_with_its_number_alone()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            string path = Path.Combine(folder, "page");
            ServerStatus status = default;
            fixed (byte* text = Encoding.UTF8.GetBytes(path + "\0"))
                Assert.False(status.Create(text, "server"u8, 2).Failed);
            var client = new StatusEntry();
            client.SetPeer(StatusEntry.Ids, 0, 1000, 100);
            status.Begin(7, 7, client);
            status.CountEnd();
            Assert.Equal([7u], Listed(path));
            status.End(7);
            Assert.Empty(Listed(path));
            Assert.Equal(2ul, status.Page->Ended);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static uint[] Listed(string path) =>
        [.. File.ReadAllBytes(path)[StatusPage.HeaderSize..].Chunk(StatusEntry.Size)
            .Where(entry => BitConverter.ToUInt32(entry, 4) != 0).Select(entry => BitConverter.ToUInt32(entry, ProcessAt))];
}
