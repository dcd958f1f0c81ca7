using System;
using LocalService.Cdb;
using LocalService.Dns.Configuration;
using LocalService.Dns.Packets;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Dns.Hosts;

/// <summary>
/// Compiles hosts(5) into the form of <see cref="HostsDatabase"/>: several lines for one name add up, in their order. The keys are sorted, so that
/// equal files give equal databases.
/// </summary>
internal unsafe struct HostsCompiler
{
    private ByteBuffer bytes; // keys and values, one after the other
    private ByteBuffer pairs;

    private struct Pair
    {
        internal int Key;
        internal int KeyLength;
        internal int ValueLength; // behind the key
    }

    private readonly int Count => pairs.Length / sizeof(Pair);

    /// <summary>Adds all entries of a file.</summary>
    /// <param name="text">The file.</param>
    /// <param name="skipped">How many wrong lines were left out.</param>
    internal Errno Read(ReadOnlySpan<byte> text, out int skipped)
    {
        Span<byte> key = stackalloc byte[HostsDatabase.LongestKey];
        Span<byte> value = stackalloc byte[IpAddress.V6Size];
        Errno error = default;
        var lines = new HostsText(text);
        while (!error.Failed && lines.Next(out IpAddress address, out TextWords names))
        {
            DomainName name = default;
            bool isFirst = true;
            while (!error.Failed && names.Next(out ReadOnlySpan<byte> word))
            {
                _ = name.Parse(word);
                ReadOnlySpan<byte> nameKey = HostsDatabase.KeyOf(isFirst, address.IsV4, name, key);
                error = Add(nameKey, value[..address.Write(value)], default);
                // Behind its kind, the key has the name as it is stored, with a final dot when it is absolute.
                error = error && AddName(address, nameKey[3..]);
                isFirst = false;
            }
        }
        skipped = lines.Skipped;
        return error;
    }

    /// <summary>Writes the records, in the order of their keys.</summary>
    internal Errno Write(ref CdbWriter database)
    {
        Sort();
        ByteBuffer data = default;
        Errno error = default;
        for (int i = 0; i < Count && !error.Failed;)
        {
            data.Clear();
            ReadOnlySpan<byte> key = KeyAt(i);
            for (; i < Count && !error.Failed && KeyAt(i).SequenceEqual(key); i++)
                error = data.Add(bytes.Content.Slice(At(i)->Key + At(i)->KeyLength, At(i)->ValueLength));
            error = error && database.Add(key, data.Content);
        }
        data.Free();
        return error;
    }

    private Errno AddName(IpAddress address, ReadOnlySpan<byte> name)
    {
        Span<byte> key = stackalloc byte[HostsDatabase.LongestKey];
        return Add(HostsDatabase.KeyOf(address, key), name, "\0"u8);
    }

    private Errno Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, ReadOnlySpan<byte> more)
    {
        var pair = new Pair { Key = bytes.Length, KeyLength = key.Length, ValueLength = value.Length + more.Length };
        return bytes.Add(key) && bytes.Add(value) && bytes.Add(more) && pairs.Add(new ReadOnlySpan<byte>(&pair, sizeof(Pair)));
    }

    private readonly Pair* At(int index) => (Pair*)pairs.Pointer + index;

    private readonly ReadOnlySpan<byte> KeyAt(int index) => bytes.Content.Slice(At(index)->Key, At(index)->KeyLength);

    /// <summary>Sorts by key, then by place in the file: a heap sort.</summary>
    private readonly void Sort()
    {
        for (int root = Count / 2 - 1; root >= 0; root--)
            Sink(root, Count);
        for (int end = Count - 1; end > 0; end--)
        {
            Swap(0, end);
            Sink(0, end);
        }
    }

    private readonly void Sink(int root, int end)
    {
        for (int child = root * 2 + 1; child < end; child = root * 2 + 1)
        {
            if (child + 1 < end && IsBefore(child, child + 1))
                child++;
            if (!IsBefore(root, child))
                return;
            Swap(root, child);
            root = child;
        }
    }

    private readonly bool IsBefore(int left, int right)
    {
        int order = Bytes.Compare(KeyAt(left), KeyAt(right));
        return order < 0 || (order == 0 && At(left)->Key < At(right)->Key);
    }

    private readonly void Swap(int left, int right)
    {
        Pair moved = *At(left);
        *At(left) = *At(right);
        *At(right) = moved;
    }
}
