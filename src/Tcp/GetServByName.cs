using System;
using LocalService.CommandLine;
using LocalService.Libc;

namespace LocalService.Tcp;

/// <summary>Prints the port of a service. Specification "tcp", section 6.</summary>
internal readonly struct GetServByName : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-getservbyname"u8;
    public static int ManualSection => 1;
    public static ReadOnlySpan<byte> Summary => "print the port of a service"u8;

    public static ReadOnlySpan<byte> Declaration =>
        """
        service  a name of /etc/services, or a number
        protocol  tcp, udp or another protocol in that file
        """u8;

    public static Outcome Run(Invocation invocation)
    {
        var diagnostics = new Diagnostics(Program);
        var options = new OptionReader(invocation.Words, Declaration);
        while (options.Next(out _))
        {
        }
        ReadOnlySpan<byte> service = options.Operand();
        ReadOnlySpan<byte> protocol = options.Operand();
        if (options.IsWrong)
            return diagnostics.Usage(options);
        if (!ServicePort.TryParse(service, protocol, out ushort port))
            return Outcome.Exit(ExitCode.Refused);
        var line = new Line(libc.STDOUT_FILENO, stackalloc byte[Numbers.LongestText]);
        line.Add((ulong)port);
        line.End();
        return line.Error.Failed ? diagnostics.Fatal(line.Error, "unable to write to standard output"u8) : Outcome.Exit(ExitCode.Success);
    }
}
