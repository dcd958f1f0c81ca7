using System;
using LocalService.Errors;

namespace LocalService.Messages;

/// <summary>A received message. The next call to its reader invalidates it and closes the descriptors that weren't taken.</summary>
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

    /// <summary>Passes a descriptor to the caller, who has to close it. It is close-on-exec. Each can be taken once.</summary>
    internal int Take(int index)
    {
        if ((uint)index >= (uint)DescriptorCount)
            Abandon.InternalInconsistency();
        return descriptors->Take(index);
    }
}
