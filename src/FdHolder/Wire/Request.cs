using System;
using LocalService.Memory;
using LocalService.Messages;
using LocalService.Posix;

namespace LocalService.FdHolder;

/// <summary>The kind of a request: the first byte of its message.</summary>
internal enum RequestKind : byte
{
    Store = (byte)'S',
    Replace = (byte)'X',
    Delete = (byte)'D',
    Retrieve = (byte)'R',
    List = (byte)'L',
    LongList = (byte)'l',
    GetDump = (byte)'?',
    SetDump = (byte)'!',
    DumpPart = (byte)'.',
}

/// <summary>A request. Specification "fdholder", section 5.</summary>
internal readonly ref struct Request
{
    /// <summary>The size of the largest one: as many entries of a dump as fit beside one message's descriptors.</summary>
    internal const int LargestSize = 1 + MessageFormat.MostDescriptors * HeldEntry.LargestSize;

    private Request(RequestKind kind) => Kind = kind;

    internal RequestKind Kind { get; }

    /// <summary>The entry to store.</summary>
    internal HeldEntry Entry { get; private init; }

    /// <summary>The name to retrieve or delete.</summary>
    internal ReadOnlySpan<byte> Name { get; private init; }

    /// <summary>Whether a retrieved descriptor is deleted as well.</summary>
    internal bool Deletes { get; private init; }

    /// <summary>Listed entries expire after this date.</summary>
    internal TaiDate Behind { get; private init; }

    /// <summary>How many entries a dump that is about to be set has.</summary>
    internal uint Total { get; private init; }

    /// <summary>A part of a dump: entries, one after the other, as many as there are descriptors.</summary>
    internal ReadOnlySpan<byte> Entries { get; private init; }

    /// <summary>Reads a request. False when the data aren't a request, or the number of descriptors doesn't match it.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> data, int descriptorCount, out Request request)
    {
        request = default;
        if (data.IsEmpty)
            return false;
        var kind = (RequestKind)data[0];
        data = data[1..];
        request = kind switch
        {
            RequestKind.Store or RequestKind.Replace when HeldEntry.TryRead(data, out HeldEntry entry, out ReadOnlySpan<byte> rest) && rest.IsEmpty =>
                new Request(kind) { Entry = entry },
            RequestKind.Delete when IsName(data, out ReadOnlySpan<byte> name) => new Request(kind) { Name = name },
            RequestKind.Retrieve when !data.IsEmpty && IsName(data[1..], out ReadOnlySpan<byte> name) =>
                new Request(kind) { Name = name, Deletes = data[0] != 0 },
            RequestKind.List or RequestKind.GetDump when data.IsEmpty => new Request(kind),
            RequestKind.LongList when data.Length == TaiDate.PackedSize && TaiDate.TryUnpack(data, out TaiDate behind) => new Request(kind) { Behind = behind },
            RequestKind.SetDump when data.Length == sizeof(uint) => new Request(kind) { Total = (uint)BigEndian.Read(data) },
            RequestKind.DumpPart when HeldEntry.AreEntries(data, descriptorCount) => new Request(kind) { Entries = data },
            _ => default,
        };
        return kind == request.Kind && (kind == RequestKind.DumpPart || descriptorCount == (kind is RequestKind.Store or RequestKind.Replace ? 1 : 0));
    }

    private static bool IsName(ReadOnlySpan<byte> data, out ReadOnlySpan<byte> name) =>
        HeldName.TryRead(data, out name, out ReadOnlySpan<byte> rest) && rest.IsEmpty;
}
