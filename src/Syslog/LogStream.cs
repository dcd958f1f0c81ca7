using LocalService.Libc;

namespace LocalService.Syslog;

/// <summary>A client that is connected to a stream socket.</summary>
internal struct LogStream
{
    internal int Descriptor;

    /// <summary>Who it is.</summary>
    internal Sender Sender;

    /// <summary>Its records.</summary>
    internal RecordSplitter Records;

    /// <summary>Whether there is a client at this place.</summary>
    internal bool IsOpen;

    /// <summary>Whether it is paused until there is room for its messages.</summary>
    internal bool IsPaused;

    internal void Close()
    {
        _ = libc.close(Descriptor);
        Records.Free();
        this = default;
    }
}
