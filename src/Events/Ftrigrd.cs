using System;
using LocalService.CommandLine;
using LocalService.Services;

namespace LocalService.Events;

/// <summary>Waits for events for one client. Specification "ftrig", section 4.</summary>
internal readonly struct Ftrigrd : IRole
{
    private const uint HelloMilliseconds = 5000;

    public static ReadOnlySpan<byte> Program => "s6-ftrigrd"u8;
    public static int ManualSection => 8;
    public static ReadOnlySpan<byte> Summary => "wait for events on behalf of a client on standard input"u8;

    public static ReadOnlySpan<byte> Declaration => default;

    public static Outcome Run(Invocation invocation) => SessionDaemon<SubscriptionService>.Run(
        default, new Greeting(DialectGreeting.Protocols), HelloMilliseconds, invocation, new Diagnostics(Program));
}
