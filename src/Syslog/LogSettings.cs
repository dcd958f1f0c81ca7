using System;

namespace LocalService.Syslog;

/// <summary>What a syslog daemon is told, but for its sockets.</summary>
internal struct LogSettings
{
    /// <summary>Whether it is s6-syslogd, which takes sockets of every kind; otherwise s6-socklog.</summary>
    internal bool TakesAllKinds;

    /// <summary>What its lines look like.</summary>
    internal LineFormat Format;

    /// <summary>The most lines of a user in a second; 0 for no limit.</summary>
    internal uint LinesPerSecond;

    /// <summary>The most stream clients at a time.</summary>
    internal uint MostStreams;

    /// <summary>How long writing what is there may take after SIGTERM, in milliseconds; 0 for no limit.</summary>
    internal uint LameDuckMilliseconds;

    /// <summary>Where a newline is written when messages are received; below 3 for nowhere.</summary>
    internal int NotificationDescriptor;

    /// <summary>Whether a service manager is told when messages are received, and when the daemon begins to end.</summary>
    internal bool TellsManager;

    /// <summary>The name of the role.</summary>
    internal readonly ReadOnlySpan<byte> Program => TakesAllKinds ? SyslogDaemon.Program : SockLog.Program;
}
