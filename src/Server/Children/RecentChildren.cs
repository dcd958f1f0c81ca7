namespace LocalService.Server;

/// <summary>
/// The children that were started last, whether they have ended or not: under load nearly all children that end are among them, however many others
/// live on. All zeros is the empty list.
/// </summary>
internal unsafe struct RecentChildren
{
    /// <summary>How many are kept, and how many places there are.</summary>
    internal const int Capacity = 128;

    private fixed int pids[Capacity];
    private uint next;

    /// <summary>Adds a child in place of the oldest one.</summary>
    internal void Add(int pid) => pids[next++ % Capacity] = pid;

    /// <summary>The child at a place from 0 to <see cref="Capacity"/> - 1; 0 when there is none.</summary>
    internal readonly int At(int place) => pids[place];

    /// <summary>Makes a place empty.</summary>
    internal void Forget(int place) => pids[place] = 0;
}
