using System;
using System.Runtime.CompilerServices;
using LocalService.Dns.Packets;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Dns.Lookups;

/// <summary>The lines that a lookup has found, to be written in their order or in a random one.</summary>
internal unsafe struct LineList
{
    private const int UsualLines = 16;
    private const int UsualSize = UsualLines * 40;

    /// <summary>The text collected so far. <see cref="EndLine"/> ends each line.</summary>
    internal OutputText Text;

    private ByteBuffer ends; // of each line in the text, an int each

    public LineList()
    {
        Text = OutputText.InArena(UsualSize);
        ends = ByteBuffer.InArena(UsualLines * sizeof(int));
    }

    internal readonly int Count => ends.Length / sizeof(int);

    /// <summary>Ends the line.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // called from many places
    internal void EndLine()
    {
        Text.Add("\n"u8);
        int end = Text.Length;
        Errno error = ends.Add(new ReadOnlySpan<byte>(&end, sizeof(int)));
        if (error.Failed)
            Abandon.OutOfMemory();
    }

    /// <summary>Writes all lines to standard output.</summary>
    /// <param name="randomly">Whether they come in a random order.</param>
    [MethodImpl(MethodImplOptions.NoInlining)] // called from many places
    internal readonly Errno Write(bool randomly)
    {
        if (!randomly)
            return Text.Write(libc.STDOUT_FILENO);
        OutputText shuffled = default;
        AddShuffled(ref shuffled);
        return Text.Error.Failed ? Text.Error : shuffled.Write(libc.STDOUT_FILENO);
    }

    private readonly void AddShuffled(ref OutputText output)
    {
        RandomNumbers random = default;
        int count = Count;
        ByteBuffer order = default;
        if (order.Extend(count * sizeof(int)).Failed)
            Abandon.OutOfMemory();
        var numbers = new Span<int>(order.Pointer, count);
        for (int i = 0; i < count; i++)
        {
            int other = (int)(random.Next() % (uint)(i + 1));
            numbers[i] = numbers[other];
            numbers[other] = i;
        }
        for (int i = 0; i < count; i++)
            output.Add(LineAt(numbers[i]));
        order.Free();
    }

    private readonly ReadOnlySpan<byte> LineAt(int index)
    {
        var all = (int*)ends.Pointer;
        return Text.Content[(index == 0 ? 0 : all[index - 1])..all[index]];
    }
}
