using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Dns.Lookups;

/// <summary>Specification "dns", section 4.</summary>
internal readonly struct RandomIp : IRole
{
    private const int BufferSize = 4096;

    public static ReadOnlySpan<byte> Program => "s6-randomip"u8;
    public static int ManualSection => 1;
    public static ReadOnlySpan<byte> Summary => "print random addresses"u8;

    public static ReadOnlySpan<byte> Declaration =>
        """
        -4 --ipv4  print IPv4 addresses, the default
        -6 --ipv6  print IPv6 addresses; with -4 both
        -n --number=number  number of addresses; unlimited by default
        """u8;

    public static Outcome Run(Invocation invocation)
    {
        var diagnostics = new Diagnostics(Program);
        var reader = new OptionReader(invocation.Words, Declaration);
        Read(ref reader, out bool v4, out bool v6, out bool endless, out uint number);
        if (reader.IsWrong)
            return diagnostics.Usage(reader);
        RandomNumbers random = default;
        Errno error = random.Prepare();
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to get random numbers"u8);
        var line = new Line(libc.STDOUT_FILENO, stackalloc byte[BufferSize]);
        Span<byte> buffer = stackalloc byte[IpAddressText.LongestText];
        for (; (endless || number > 0) && !line.Error.Failed; number--)
        {
            bool isV4 = v4 && (!v6 || (random.Next() & 1) == 0);
            IpAddress address = isV4 ? IpAddress.OfV4((uint)random.Next()) : IpAddress.OfV6(random.Next(), random.Next());
            line.Add(IpAddressText.Format(address, buffer));
            line.Add("\n"u8);
        }
        line.Flush();
        return line.Error.Failed ? diagnostics.Fatal(line.Error, "unable to write to stdout"u8) : Outcome.Exit(ExitCode.Success);
    }

    private static void Read(ref OptionReader reader, out bool v4, out bool v6, out bool endless, out uint number)
    {
        v4 = v6 = false;
        endless = true;
        number = 0;
        while (reader.Next(out char option))
        {
            switch (option)
            {
                case '4': v4 = true; break;
                case '6': v6 = true; break;
                case 'n':
                    number = reader.Number();
                    endless = false;
                    break;
            }
        }
        v4 |= !v6;
    }
}
