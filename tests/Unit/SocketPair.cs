using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using LocalService.Libc;
using Xunit;

namespace LocalService.Tests.Unit;

/// <summary>Two connected Unix stream sockets, and descriptors to send over them.</summary>
internal sealed unsafe partial class SocketPair : IDisposable
{
    private readonly List<int> opened = [];

    internal SocketPair() => (Near, Far) = Open();

    internal int Near { get; }
    internal int Far { get; }

    /// <summary>A new descriptor that refers to a new socket.</summary>
    internal int NewDescriptor() => Open().Near;

    /// <summary>Closes an end early.</summary>
    internal void Close(int end)
    {
        Assert.True(opened.Remove(end));
        _ = libc.close(end);
    }

    /// <summary>The object that a descriptor refers to; null when it isn't open.</summary>
    internal static string? Target(int descriptor)
    {
        try
        {
            return File.ResolveLinkTarget($"/proc/self/fd/{descriptor}", returnFinalTarget: false)?.Name;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>How many descriptors of this process refer to the same object as this one.</summary>
    internal static int Copies(int descriptor)
    {
        string? target = Target(descriptor);
        return Directory.GetFileSystemEntries("/proc/self/fd").Count(entry => Target(int.Parse(Path.GetFileName(entry))) == target);
    }

    public void Dispose()
    {
        foreach (int descriptor in opened)
            _ = libc.close(descriptor);
    }

    private (int Near, int Far) Open()
    {
        int* ends = stackalloc int[2];
        Assert.Equal(0, socketpair(libc.AF_UNIX, libc.SOCK_STREAM | libc.SOCK_CLOEXEC, 0, ends));
        opened.AddRange([ends[0], ends[1]]);
        return (ends[0], ends[1]);
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int socketpair(int domain, int type, int protocol, int* ends);
}
