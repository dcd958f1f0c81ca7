using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace LocalService.Tests;

/// <summary>What the kernel reports about a process, proc(5).</summary>
/// <param name="id">The process id.</param>
public sealed class ProcessFiles(int id)
{
    private const int TicksPerSecond = 100;

    // Positions of fields after the name in /proc/PID/stat. The name is the second field and may hold any character.
    private const int Parent = 1;
    private const int UserTicks = 11;
    private const int SystemTicks = 12;

    /// <summary>Whether it exists and isn't a zombie.</summary>
    public bool IsAlive => StatusOrNull("State") is not (null or "Z (zombie)");

    /// <summary>How many descriptors it has open, not counting the epoll descriptor of each accepting thread.</summary>
    public int Descriptors =>
        Directory.GetFileSystemEntries($"/proc/{id}/fd").Count(entry => new FileInfo(entry).LinkTarget != "anon_inode:[eventpoll]");

    /// <summary>How many threads it has.</summary>
    public int Threads => int.Parse(Status("Threads"), null);

    /// <summary>Its resident memory in KiB.</summary>
    public long ResidentKiB => long.Parse(Status("VmRSS").Split(' ')[0], null);

    /// <summary>The part of its resident memory in KiB that isn't backed by a file, or differs from it.</summary>
    public long AnonymousKiB => long.Parse(ReadLines($"/proc/{id}/smaps_rollup").First(line => line.StartsWith("Anonymous:", StringComparison.Ordinal))
        .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], null);

    /// <summary>How much is resident, in KiB, of each executable mapping of a file, in the order of addresses.</summary>
    /// <param name="name">The file's name, without its directory.</param>
    public IEnumerable<long> CodeKiB(string name)
    {
        bool isCode = false;
        foreach (string line in ReadLines($"/proc/{id}/smaps"))
        {
            string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields[0] == "Rss:" && isCode)
                yield return long.Parse(fields[1], null);
            // ADDRESSES PERMISSIONS OFFSET DEVICE INODE PATH
            else if (!fields[0].EndsWith(':'))
                isCode = fields[1] == "r-xp" && fields.Length == 6 && Path.GetFileName(fields[5]) == name;
        }
    }

    /// <summary>The processor time that it has used, in user and kernel mode.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            string[] fields = Fields(id);
            return TimeSpan.FromSeconds((double)(long.Parse(fields[UserTicks], null) + long.Parse(fields[SystemTicks], null)) / TicksPerSecond);
        }
    }

    /// <summary>The process ids of its children, including zombies.</summary>
    public IReadOnlyList<int> Children =>
    [
        .. Directory.GetDirectories("/proc")
            .Select(Path.GetFileName)
            .Where(name => int.TryParse(name, out _))
            .Select(name => int.Parse(name!, null))
            .Where(process => Fields(process) is { Length: > Parent } fields && fields[Parent] == $"{id}"),
    ];

    /// <summary>A line of <c>/proc/PID/status</c>: what follows its name, tabs as blanks.</summary>
    public string Status(string name) =>
        StatusOrNull(name) ?? throw new InvalidOperationException($"no {name} of process {id}");

    private string? StatusOrNull(string name)
    {
        string? line = ReadLines($"/proc/{id}/status").FirstOrDefault(line => line.StartsWith(name + ":", StringComparison.Ordinal));
        return line?[(name.Length + 1)..].Replace('\t', ' ').Trim();
    }

    private static string[] Fields(int process)
    {
        string text = string.Concat(ReadLines($"/proc/{process}/stat"));
        return text.Length == 0 ? [] : text[(text.LastIndexOf(')') + 2)..].Split(' ');
    }

    private static string[] ReadLines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (IOException)
        {
            // It has ended in the meantime.
            return [];
        }
    }
}
