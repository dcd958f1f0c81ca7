using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Messages;
using LocalService.Posix;

namespace LocalService.FdHolder;

/// <summary>Asks a holder for all that it holds, part by part, and prints a line for each descriptor, or a JSON array.</summary>
/// <param name="connection">The holder.</param>
/// <param name="isJson">Whether it is printed as JSON.</param>
internal unsafe struct LongListing(HolderConnection* connection, bool isJson)
{
    private const int BufferSize = 4096;

    private SocketNames sockets;
    private bool isFirst = true;

    /// <summary>Prints the list, and closes the connection.</summary>
    internal Outcome Print(Diagnostics diagnostics)
    {
        var line = new Line(libc.STDOUT_FILENO, stackalloc byte[BufferSize]);
        if (isJson)
            line.Add("["u8);
        Span<byte> date = stackalloc byte[TaiDate.PackedSize];
        TaiDate now = TaiDate.Now;
        TaiDate behind = default;
        Errno error = default;
        for (bool isOver = false; !isOver && !error.Failed && !line.Error.Failed;)
        {
            behind.Pack(date);
            connection->Begin(RequestKind.LongList);
            connection->Add(date);
            error = connection->Ask(out Message answer);
            ReadOnlySpan<byte> rest = error.Failed ? default : answer.Data[1..];
            isOver = rest.IsEmpty;
            if (answer.DescriptorCount > 0)
                error = new Errno(libc.EPROTO);
            while (!rest.IsEmpty && !error.Failed)
            {
                if (!LongEntry.TryRead(rest, out LongEntry entry, out rest) || entry.Expiry <= behind)
                {
                    error = new Errno(libc.EPROTO);
                    break;
                }
                behind = entry.Expiry;
                Add(ref line, entry, now);
            }
        }
        if (isJson && !error.Failed)
            line.Add("]\n"u8);
        line.Flush();
        // A holder that doesn't know the request closes the connection.
        bool isUnknown = error.Number is libc.EPIPE or libc.ECONNRESET;
        int exitCode = connection->Close(error, diagnostics, isUnknown ? "unable to get long fd list, which is refused or unknown to this holder"u8 : "unable to get long fd list"u8);
        return line.Error.Failed ? diagnostics.Fatal(line.Error, "unable to write to stdout"u8) : Outcome.Exit(exitCode);
    }

    private void Add(ref Line line, in LongEntry entry, TaiDate now)
    {
        var kind = new Line(-1, stackalloc byte[Line.BufferSize]);
        var address = new Line(-1, stackalloc byte[Line.BufferSize]);
        Describe(entry, ref kind, ref address);
        if (isJson)
            AddJson(ref line, entry, kind.Text, address.Text, now);
        else
            AddText(ref line, entry, kind.Text, address.Text, now);
    }

    private static ulong SecondsLeft(in LongEntry entry, TaiDate now) => entry.Expiry <= now ? 0 : entry.Expiry.Label - now.Label;

    private static void AddText(ref Line line, in LongEntry entry, scoped ReadOnlySpan<byte> kind, scoped ReadOnlySpan<byte> address, TaiDate now)
    {
        QuotedName.Add(ref line, entry.Name);
        line.Add("\t"u8);
        QuotedName.Add(ref line, kind);
        line.Add("\t"u8);
        QuotedName.Add(ref line, address);
        line.Add("\t"u8);
        line.Add(entry.Age);
        line.Add("\t"u8);
        if (entry.Expiry.IsNever(now))
            line.Add("never"u8);
        else
            line.Add(SecondsLeft(entry, now));
        line.Add("\t"u8);
        line.Add(entry.UserId);
        line.Add("\t"u8);
        line.Add(entry.GroupId);
        line.Add("\n"u8);
    }

    private void AddJson(ref Line line, in LongEntry entry, scoped ReadOnlySpan<byte> kind, scoped ReadOnlySpan<byte> address, TaiDate now)
    {
        JsonText.AddComma(ref line, ref isFirst);
        line.Add("{"u8);
        bool isFirstMember = true;
        JsonText.AddMember(ref line, ref isFirstMember, "name"u8, entry.Name);
        JsonText.AddMember(ref line, ref isFirstMember, "kind"u8, kind);
        JsonText.AddMember(ref line, ref isFirstMember, "address"u8, address);
        JsonText.AddMember(ref line, ref isFirstMember, "age_s"u8, entry.Age);
        if (entry.Expiry.IsNever(now))
            line.Add(", \"left_s\": null"u8);
        else
            JsonText.AddMember(ref line, ref isFirstMember, "left_s"u8, SecondsLeft(entry, now));
        JsonText.AddMember(ref line, ref isFirstMember, "uid"u8, entry.UserId);
        JsonText.AddMember(ref line, ref isFirstMember, "gid"u8, entry.GroupId);
        line.Add("}"u8);
    }

    /// <summary>Describes a descriptor: its kind in words, and its address, or the kernel's name for it where nothing more is known.</summary>
    private void Describe(in LongEntry entry, ref Line kind, ref Line address)
    {
        ReadOnlySpan<byte> link = entry.Link;
        int end = link.IndexOf((byte)'[') - 1; // of the text in front of :[NUMBER]
        if (entry.Family != 0)
        {
            DescribeSocket(entry, end >= 0 && link[^1] == (byte)']' ? link[(end + 2)..^1] : default, ref kind, ref address);
        }
        else if (link.StartsWith("/memfd:"u8))
        {
            kind.Add("memfd"u8);
            address.Add(link);
        }
        else if (link.StartsWith("/"u8))
        {
            // Only its file system knows more, and the holder doesn't wait for that.
            bool isDevice = link.StartsWith("/dev/"u8) && !link.StartsWith("/dev/shm/"u8) && !link.StartsWith("/dev/mqueue/"u8) && !link.StartsWith("/dev/hugepages/"u8);
            kind.Add(isDevice ? "device"u8 : "file"u8);
            address.Add(link);
        }
        else if (link.StartsWith("anon_inode:"u8))
        {
            // anon_inode:[eventfd], anon_inode:inotify
            link = link["anon_inode:"u8.Length..];
            bool isBracketed = link.Length > 2 && link[0] == (byte)'[' && link[^1] == (byte)']';
            kind.Add(isBracketed ? link[1..^1] : link);
        }
        else
        {
            // pipe:[NUMBER], net:[NUMBER]
            kind.Add(end > 0 ? link[..end] : "unknown"u8);
            address.Add(link);
        }
    }

    private void DescribeSocket(in LongEntry entry, ReadOnlySpan<byte> number, ref Line kind, ref Line address)
    {
        kind.Add(entry.Family switch { libc.AF_UNIX => "unix "u8, libc.AF_INET => "ip4 "u8, libc.AF_INET6 => "ip6 "u8, _ => "socket "u8 });
        kind.Add(entry.Type switch { libc.SOCK_STREAM => "stream"u8, libc.SOCK_DGRAM => "datagram"u8, libc.SOCK_SEQPACKET => "seqpacket"u8, _ => "raw"u8 });
        if (entry.Listens)
            kind.Add(" listening"u8);
        if (entry.Address.Length > 0 && entry.Address[0] == 0)
            address.Add("@"u8, entry.Address[1..]);
        else if (entry.Family == libc.AF_UNIX)
            address.Add(entry.Address);
        else if (number.IsEmpty || !sockets.TryFind(entry.Family == libc.AF_INET6, entry.Type, number, ref address))
            address.Add(entry.Link);
    }
}
