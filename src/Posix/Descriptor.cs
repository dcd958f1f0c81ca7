using LocalService.Libc;

namespace LocalService.Posix;

/// <summary>An open file descriptor that is closed when it goes out of scope, unless it was released.</summary>
internal ref struct Descriptor(int number)
{
    /// <summary>The number, or -1 when nothing is owned.</summary>
    internal int Number { get; private set; } = number;

    /// <summary>Gives the descriptor away: it is no longer closed here.</summary>
    internal int Release()
    {
        int number = Number;
        Number = -1;
        return number;
    }

    public void Dispose()
    {
        if (Number >= 0)
            _ = libc.close(Release());
    }
}
