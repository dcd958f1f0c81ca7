using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Messages;
using LocalService.Posix;

namespace LocalService.Sudo;

/// <summary>Specification "sudo", sections 2, 4 and 5, with decisions 17 and 20.</summary>
internal readonly struct Sudoc : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-sudoc"u8;
    public static int ManualSection => 1;
    public static ReadOnlySpan<byte> Summary => "have the sudod at descriptors 6 and 7 run a program"u8;

    public static ReadOnlySpan<byte> Declaration =>
        """
        -e --no-environment  send the server no environment
        -t --connect-timeout=timeoutconn  time limit in milliseconds until the program runs; 0, the default: no limit
        -T --run-timeout=timeoutrun  time limit in milliseconds for the program; 0, the default: no limit
        [ args... ]  arguments to append to the server's command line
        """u8;

    public static Outcome Run(Invocation invocation)
    {
        var diagnostics = new Diagnostics(Program);
        var reader = new OptionReader(invocation.Words, Declaration);
        SudocOptions options = SudocOptions.Read(ref reader);
        if (reader.IsWrong)
            return diagnostics.Usage(reader);
        if (LibC.fcntl(Ucspi.ClientRead, LibC.F_GETFL, 0) < 0 || LibC.fcntl(Ucspi.ClientWrite, LibC.F_GETFL, 0) < 0)
            return diagnostics.Fatal(Errno.Last, "unable to make socket non-blocking"u8);

        var limit = new TimeLimit(options.ConnectMilliseconds);
        Span<byte> banner = stackalloc byte[SudoWire.BannerSize];
        Errno error = BareBytes.Read(Ucspi.ClientRead, banner, limit, out int received);
        if (received == 0)
            return diagnostics.Fatal(ExitCode.System, "unable to connect to the s6-sudod server - check that you have appropriate permissions"u8);
        if (received < SudoWire.BannerSize)
            return Fail(diagnostics, error, "unable to read banner from s6-sudod: "u8);
        if (!((ReadOnlySpan<byte>)banner).SequenceEqual(SudoWire.ServerBanner))
            return diagnostics.Fatal(ExitCode.Usage, "wrong banner - check that you are connecting to a s6-sudod server"u8);

        error = SendRequest(options, invocation.Environment, limit);
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to send args to server"u8);
        // The program has them now: the readers at the other ends see the end of the data when the program closes them.
        _ = libc.close(libc.STDIN_FILENO);
        _ = libc.close(libc.STDOUT_FILENO);

        Span<byte> answer = stackalloc byte[1];
        error = BareBytes.Read(Ucspi.ClientRead, answer, limit, out received);
        if (received < answer.Length)
            return Fail(diagnostics, error, "unable to get confirmation from server: "u8);
        if (answer[0] != SudoWire.GoAhead)
            return ReportRefusal(diagnostics, new Errno(answer[0]));

        Span<byte> status = stackalloc byte[SudoWire.NumberSize];
        error = BareBytes.Read(Ucspi.ClientRead, status, new TimeLimit(options.RunMilliseconds), out received);
        if (received < status.Length && error.Is(libc.ETIMEDOUT))
            return ReportTimeout(diagnostics, options.RunMilliseconds);
        if (received < status.Length)
            return Fail(diagnostics, error, "unable to get exit status from server: "u8);
        return EndLike(new ProgramStatus((uint)BigEndian.Read(status)), diagnostics);
    }

    private static unsafe Errno SendRequest(SudocOptions options, EnvironmentBlock environment, in TimeLimit limit)
    {
        byte* nothing = null;
        EnvironmentBlock sent = options.HidesEnvironment ? new EnvironmentBlock(&nothing) : environment;
        MessageWriter writer = default;
        Errno error = writer.Begin() && writer.Add(RequestText.Of(options.Arguments, sent));
        for (int descriptor = 0; descriptor < SudoWire.DescriptorCount && !error.Failed; descriptor++)
            error = writer.AddDescriptor(descriptor);
        error = error && writer.End() && Conversation.Send(Ucspi.ClientWrite, ref writer, limit);
        writer.Free();
        return error;
    }

    // The end of the stream is no error: "Success".
    private static Outcome Fail(Diagnostics diagnostics, Errno error, ReadOnlySpan<byte> text) =>
        diagnostics.Fatal(ExitCode.System, text, error.Text);

    private static Outcome ReportRefusal(Diagnostics diagnostics, Errno answer)
    {
        ReadOnlySpan<byte> text = answer.Text;
        bool isUnknown = text.SequenceEqual("Unknown error"u8);
        return diagnostics.Fatal(
            ExitCode.System,
            "unable to start privileged program: server answered: : "u8,
            text,
            isUnknown ? " "u8 : default,
            isUnknown ? Numbers.Decimal((ulong)answer.Number, stackalloc byte[Numbers.LongestText]) : default);
    }

    private static Outcome ReportTimeout(Diagnostics diagnostics, uint milliseconds) =>
        diagnostics.Fatal(
            ExitCode.System,
            "the command did not end within "u8,
            Numbers.Decimal(milliseconds, stackalloc byte[Numbers.LongestText]),
            " ms"u8);

    private static Outcome EndLike(ProgramStatus status, Diagnostics diagnostics)
    {
        if (!status.IsEnd)
            return diagnostics.Fatal(new Errno(libc.EPROTO), "unable to get exit status from server"u8);
        SignalDeath.Of(status.Signal);
        return Outcome.Exit(status.ShellCode);
    }
}
