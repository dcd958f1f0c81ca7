using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;
using LocalService.Services;

namespace LocalService.Insight;

/// <summary>The output format of the status of servers.</summary>
internal enum StatusForm
{
    Table,
    Json,
    Prometheus,
}

/// <summary>Writes the status of servers to descriptor 1.</summary>
/// <param name="files">The status files of the servers.</param>
/// <param name="count">The number of files.</param>
/// <param name="form">The output format.</param>
/// <param name="isTerminal">Whether to write a table to a terminal, with colors.</param>
internal unsafe ref struct StatusView(StatusFile* files, int count, StatusForm form, bool isTerminal)
{
    /// <summary>The sort order of connections: <c>a</c> for age, <c>p</c> for the peer, <c>i</c> for the process id.</summary>
    internal byte Order = (byte)'a';

    private ulong now;
    private bool hasShown;

    /// <summary>Reads all files and writes their content. On a terminal it overwrites the earlier output.</summary>
    internal Errno Show()
    {
        for (int i = 0; i < count; i++)
            files[i].Read();
        now = Clock.MillisecondsSince1970;
        var line = new Line(libc.STDOUT_FILENO, stackalloc byte[16 * Line.BufferSize]);
        if (isTerminal && hasShown)
            line.Add("\e[H\e[2J"u8);
        hasShown = true;
        switch (form)
        {
            case StatusForm.Json: WriteJson(ref line); break;
            case StatusForm.Prometheus: WritePrometheus(ref line); break;
            default: WriteTables(ref line); break;
        }
        line.Flush();
        return line.Error;
    }

    /// <summary>Ends the output.</summary>
    internal readonly void Finish()
    {
        if (!isTerminal)
            return;
        var line = new Line(libc.STDOUT_FILENO, stackalloc byte[Line.BufferSize]);
        line.Add("\e[0m"u8);
        line.Flush();
    }

    private readonly void WriteTables(ref Line line)
    {
        for (int i = 0; i < count; i++)
        {
            ref StatusFile file = ref files[i];
            if (i > 0)
                line.Add("\n"u8);
            Colour(ref line, "\e[1m"u8);
            line.Add(Bytes.OfC(file.Path));
            Colour(ref line, "\e[0m"u8);
            if (file.Error.Failed)
            {
                line.Add(": "u8, file.Error.Text);
                line.Add("\n"u8);
                continue;
            }
            StatusPage* page = file.Page;
            bool alive = file.IsAlive;
            line.Add("  "u8);
            AddPrintable(ref line, file.Name);
            line.Add(" pid "u8);
            line.Add((ulong)(uint)page->ProcessId);
            Colour(ref line, alive ? "\e[32m"u8 : "\e[31m"u8);
            line.Add(alive ? " alive"u8 : page->State == StatusPage.Running ? " dead"u8 : " ended"u8);
            Colour(ref line, "\e[0m"u8);
            line.Add("\n  live "u8);
            line.Add(page->Live);
            line.Add("/"u8);
            line.Add(page->MaximumConnections);
            AddCount(ref line, "peak"u8, page->Peak);
            AddCount(ref line, "accepted"u8, page->Accepted);
            AddCount(ref line, "per second"u8, file.PerSecond(now));
            line.Add("\n  refused: "u8);
            AddCount(ref line, "limit"u8, page->RefusedByLimit);
            AddCount(ref line, "gate"u8, page->RefusedByGate);
            AddCount(ref line, "unidentified"u8, page->Unidentified);
            AddCount(ref line, "spawn errors"u8, page->SpawnErrors);
            AddCount(ref line, "exhaustion"u8, page->Exhaustions);
            line.Add("\n"u8);
            if (alive)
                WriteConnections(ref line, file);
        }
    }

    private readonly void WriteConnections(ref Line line, in StatusFile file)
    {
        // Sorted allocates memory for the connections of this server, unmapped at the end.
        uint* places = Sorted(file, out uint shown);
        if (shown > 0)
        {
            Colour(ref line, "\e[7m"u8);
            line.Add("       pid     since  peer"u8);
            Colour(ref line, "\e[0m"u8);
            line.Add("\n"u8);
        }
        for (uint i = 0; i < shown; i++)
        {
            _ = file.TryGet(places[i], out StatusEntry entry);
            AddRight(ref line, entry.ProcessId.Value, 10);
            AddRight(ref line, Age(entry), 9);
            line.Add("s  "u8);
            AddPeer(ref line, entry, " gid "u8);
            line.Add("\n"u8);
        }
        if (places != null)
            MappedMemory.Unmap(places, file.Places * (nuint)sizeof(uint));
    }

    /// <summary>The slots of the connections, in order: Shell's sort, which needs no further memory.</summary>
    private readonly uint* Sorted(in StatusFile file, out uint used)
    {
        used = 0;
        var places = (uint*)MappedMemory.Map(file.Places * (nuint)sizeof(uint));
        if (places == null)
            return null;
        for (uint place = 0; place < file.Places; place++)
        {
            if (file.TryGet(place, out _))
                places[used++] = place;
        }
        for (uint gap = used / 2; gap > 0; gap /= 2)
        {
            for (uint i = gap; i < used; i++)
            {
                uint moved = places[i];
                uint j = i;
                for (; j >= gap && IsBefore(file, moved, places[j - gap]); j -= gap)
                    places[j] = places[j - gap];
                places[j] = moved;
            }
        }
        return places;
    }

    private readonly bool IsBefore(in StatusFile file, uint left, uint right)
    {
        _ = file.TryGet(left, out StatusEntry first);
        _ = file.TryGet(right, out StatusEntry second);
        if (Order == (byte)'i' || (Order == (byte)'a' && first.Since == second.Since))
            return first.ProcessId.Value < second.ProcessId.Value;
        if (Order == (byte)'a')
            return first.Since < second.Since;
        return first.High != second.High ? first.High < second.High : first.Low < second.Low;
    }

    private readonly void WriteJson(ref Line line)
    {
        bool isFirst = true;
        line.Add("["u8);
        for (int i = 0; i < count; i++)
        {
            ref StatusFile file = ref files[i];
            JsonText.AddComma(ref line, ref isFirst);
            bool isFirstMember = true;
            line.Add("{"u8);
            JsonText.AddMember(ref line, ref isFirstMember, "file"u8, Bytes.OfC(file.Path));
            if (file.Error.Failed)
            {
                JsonText.AddMember(ref line, ref isFirstMember, "error"u8, file.Error.Text);
                line.Add("}"u8);
                continue;
            }
            JsonText.AddMember(ref line, ref isFirstMember, "server"u8, file.Name);
            JsonText.AddMember(ref line, ref isFirstMember, "pid"u8, (uint)file.Page->ProcessId);
            line.Add(file.IsAlive ? ", \"alive\": true"u8 : ", \"alive\": false"u8);
            JsonText.AddMember(ref line, ref isFirstMember, "started_ms"u8, file.Page->Started);
            JsonText.AddMember(ref line, ref isFirstMember, "maximum"u8, file.Page->MaximumConnections);
            JsonText.AddMember(ref line, ref isFirstMember, "per_second"u8, file.PerSecond(now));
            for (int counter = 0; counter < Counters; counter++)
                JsonText.AddMember(ref line, ref isFirstMember, NameOf(counter), ValueOf(file.Page, counter));
            JsonText.AddName(ref line, ref isFirstMember, "connections"u8);
            line.Add("["u8);
            bool isFirstConnection = true;
            for (uint place = 0; place < file.Places; place++)
            {
                if (!file.TryGet(place, out StatusEntry entry))
                    continue;
                JsonText.AddComma(ref line, ref isFirstConnection);
                line.Add("{"u8);
                isFirstMember = true;
                JsonText.AddMember(ref line, ref isFirstMember, "pid"u8, entry.ProcessId.Value);
                JsonText.AddMember(ref line, ref isFirstMember, "since_ms"u8, entry.Since);
                if (entry.Kind.Value == StatusEntry.Ids)
                {
                    JsonText.AddMember(ref line, ref isFirstMember, "uid"u8, entry.Low);
                    JsonText.AddMember(ref line, ref isFirstMember, "gid"u8, entry.Number.Value);
                }
                else
                {
                    line.Add(", \"ip\": \""u8);
                    AddPeer(ref line, entry, default);
                    line.Add("\""u8);
                    JsonText.AddMember(ref line, ref isFirstMember, "port"u8, entry.Number.Value);
                }
                line.Add("}"u8);
            }
            line.Add("]}"u8);
        }
        line.Add("]\n"u8);
    }

    private readonly void WritePrometheus(ref Line line)
    {
        for (int counter = -1; counter < Counters; counter++)
        {
            ReadOnlySpan<byte> name = counter < 0 ? "up"u8 : NameOf(counter);
            bool isTotal = counter is >= 0 and < FirstGauge;
            line.Add("# TYPE localservice_"u8, name);
            line.Add(isTotal ? "_total counter\n"u8 : " gauge\n"u8);
            for (int i = 0; i < count; i++)
            {
                if (files[i].Error.Failed && counter >= 0)
                    continue;
                line.Add("localservice_"u8, name);
                line.Add(isTotal ? "_total{file="u8 : "{file="u8);
                AddLabel(ref line, Bytes.OfC(files[i].Path));
                if (!files[i].Error.Failed)
                {
                    line.Add(",server="u8);
                    AddLabel(ref line, files[i].Name);
                }
                line.Add("} "u8);
                line.Add(counter >= 0 ? ValueOf(files[i].Page, counter) : !files[i].Error.Failed && files[i].IsAlive ? 1u : 0);
                line.Add("\n"u8);
            }
        }
    }

    private const int Counters = 9;
    private const int FirstGauge = 7;

    private static ReadOnlySpan<byte> NameOf(int counter) => counter switch
    {
        0 => "accepted"u8,
        1 => "refused_limit"u8,
        2 => "refused_gate"u8,
        3 => "unidentified"u8,
        4 => "spawn_errors"u8,
        5 => "exhaustions"u8,
        6 => "ended"u8,
        7 => "live"u8,
        _ => "peak"u8,
    };

    private static ulong ValueOf(StatusPage* page, int counter) => counter switch
    {
        0 => page->Accepted,
        1 => page->RefusedByLimit,
        2 => page->RefusedByGate,
        3 => page->Unidentified,
        4 => page->SpawnErrors,
        5 => page->Exhaustions,
        6 => page->Ended,
        7 => page->Live,
        _ => page->Peak,
    };

    private readonly ulong Age(in StatusEntry entry) => now > entry.Since ? (now - entry.Since) / 1000 : 0;

    private readonly void Colour(ref Line line, ReadOnlySpan<byte> sequence)
    {
        if (isTerminal)
            line.Add(sequence);
    }

    private static void AddCount(ref Line line, ReadOnlySpan<byte> name, ulong value)
    {
        line.Add("  "u8, name);
        line.Add(" "u8);
        line.Add(value);
    }

    private static void AddRight(ref Line line, ulong number, int width)
    {
        ReadOnlySpan<byte> text = Numbers.Decimal(number, stackalloc byte[Numbers.LongestText]);
        line.AddBlanks(width - text.Length);
        line.Add(text);
    }

    /// <summary>The peer: ids; or an address, with its port if there is a name for the group.</summary>
    private static void AddPeer(ref Line line, in StatusEntry entry, ReadOnlySpan<byte> group)
    {
        if (entry.Kind.Value == StatusEntry.Ids)
        {
            line.Add("uid "u8);
            line.Add(entry.Low);
            line.Add(group);
            line.Add(entry.Number.Value);
            return;
        }
        IpAddress address = IpAddress.OfV6(entry.High, entry.Low).Unmapped;
        line.Add(IpAddressText.Format(address, stackalloc byte[IpAddressText.LongestText]));
        if (group.IsEmpty)
            return;
        line.Add("_"u8);
        line.Add(entry.Number.Value);
    }

    /// <summary>A label of Prometheus: quotes the text, and replaces a newline.</summary>
    private static void AddLabel(ref Line line, scoped ReadOnlySpan<byte> text)
    {
        line.Add("\""u8);
        foreach (byte character in text)
        {
            if (character is (byte)'"' or (byte)'\\')
                line.Add("\\"u8);
            line.Add([character == (byte)'\n' ? (byte)' ' : character]);
        }
        line.Add("\""u8);
    }

    /// <summary>A name from a file: no byte of it may reach the terminal as a command.</summary>
    private static void AddPrintable(ref Line line, scoped ReadOnlySpan<byte> text)
    {
        foreach (byte character in text)
            line.Add([character is > (byte)' ' and < 127 ? character : (byte)'?']);
    }
}
