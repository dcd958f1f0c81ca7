using System;

namespace LocalService.Syslog;

/// <summary>The settings of a syslog daemon, without its sockets.</summary>
internal struct LogSettings
{
    /// <summary>Whether it is s6-syslogd, which takes sockets of every kind; otherwise s6-socklog.</summary>
    internal bool TakesAllKinds;

    /// <summary>The format of its lines.</summary>
    internal LineFormat Format;

    /// <summary>The most lines of a user in a second; 0 for no limit.</summary>
    internal uint LinesPerSecond;

    /// <summary>The most stream clients at a time.</summary>
    internal uint MostStreams;

    /// <summary>How long writing the remaining lines may take after SIGTERM, in milliseconds; 0 for no limit.</summary>
    internal uint LameDuckMilliseconds;

    /// <summary>The descriptor that gets a newline once messages are received; below 3 for none.</summary>
    internal int NotificationDescriptor;

    /// <summary>Whether a service manager is told when messages are received, and when the daemon begins to end.</summary>
    internal bool TellsManager;

    /// <summary>The name of the role.</summary>
    internal readonly ReadOnlySpan<byte> Program => TakesAllKinds ? SyslogDaemon.Program : SockLog.Program;
}
