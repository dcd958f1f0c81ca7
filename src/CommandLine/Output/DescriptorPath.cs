using System;

namespace LocalService.CommandLine;

/// <summary>The name of a descriptor of this process in proc(5), for calls that take no descriptor.</summary>
internal static class DescriptorPath
{
    /// <summary>The buffer size that holds it.</summary>
    internal const int BufferSize = 32;

    /// <summary>The path /proc/self/fd/N, with a NUL at its end.</summary>
    /// <param name="descriptor">The descriptor.</param>
    /// <param name="buffer">Gets the path.</param>
    internal static ReadOnlySpan<byte> Of(int descriptor, Span<byte> buffer)
    {
        var path = new Line(-1, buffer);
        path.Add("/proc/self/fd/"u8);
        path.Add((ulong)(uint)descriptor);
        path.Add("\0"u8);
        return buffer[..path.Text.Length];
    }
}
