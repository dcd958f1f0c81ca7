using System;
using LocalService.Errors;

namespace LocalService.Messages;

/// <summary>A received message. It is gone when its reader is asked for the next one, and with it the descriptors that nobody took.</summary>
internal readonly unsafe ref struct Message
{
    private readonly DescriptorQueue* descriptors;

    internal Message(ReadOnlySpan<byte> data, DescriptorQueue* descriptors, int descriptorCount)
    {
        this.descriptors = descriptors;
        Data = data;
        DescriptorCount = descriptorCount;
    }

    internal ReadOnlySpan<byte> Data { get; }

    internal int DescriptorCount { get; }

    /// <summary>Gives a descriptor to the caller, who has to close it. It is close-on-exec. Each can be taken once.</summary>
    internal int Take(int index)
    {
        if ((uint)index >= (uint)DescriptorCount)
            Abandon.InternalInconsistency();
        return descriptors->Take(index);
    }
}
