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

    /// <summary>While the daemon stops: how many datagrams may still be received, or how often clients may still be accepted.</summary>
    internal int MostLeft;

    /// <summary>How many datagrams it has lost, as far as the kernel has reported.</summary>
    internal uint Lost;
}
