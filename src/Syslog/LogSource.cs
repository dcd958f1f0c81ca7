namespace LocalService.Syslog;

/// <summary>What kind of socket messages come from.</summary>
internal enum SourceKind : byte
{
    /// <summary>A Unix datagram socket: a message a datagram.</summary>
    Local,

    /// <summary>A UDP socket.</summary>
    Network,

    /// <summary>A Unix stream socket that listens: messages end with a newline or NUL.</summary>
    Listener,
}

/// <summary>A socket that messages come from.</summary>
internal struct LogSource
{
    internal int Descriptor;
    internal SourceKind Kind;

    /// <summary>Whether it is paused.</summary>
    internal bool IsPaused;

    /// <summary>At the end: how many datagrams, or rounds of clients, may still be received.</summary>
    internal int Left;

    /// <summary>How many datagrams it has lost, as far as the kernel has reported.</summary>
    internal uint Lost;
}
