using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Messages;
using LocalService.Posix;

namespace LocalService.Sudo;

/// <summary>Specification "sudo", sections 3 and 4, with decisions 13, 17 and 20.</summary>
internal readonly unsafe struct Sudod : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-sudod"u8;
    public static int ManualSection => 8;
    public static ReadOnlySpan<byte> Summary => "run a program for the sudo client on standard input"u8;

    public static ReadOnlySpan<byte> Declaration =>
        """
        -0 --null-input  let the program read from the null device, not from the client's standard input
        -1 --null-output  let the program write to the null device, not to the client's standard output
        -2 --own-error  let the program write to this server's standard error, not to the client's
        -d --detach  all of these three, and let the program continue when the client is gone
        -t --timeout=timeout  time limit in milliseconds until the program runs; 0, the default: no limit
        -v --verbosity=verbosity  what to report: 0 and 1 errors, 2 also how the program ended; 1 by default
        [ sargs... ]  the beginning of the command line; the client's arguments follow
        """u8;

    public static Outcome Run(Invocation invocation)
    {
        var diagnostics = new Diagnostics(Program);
        var reader = new OptionReader(invocation.Words, Declaration);
        SudodOptions options = SudodOptions.Read(ref reader);
        if (reader.IsWrong)
            return diagnostics.Usage(reader);
        if (StandardDescriptors.InputMissing || StandardDescriptors.OutputMissing)
            return diagnostics.Fatal(new Errno(libc.EBADF), "unable to make socket non-blocking"u8);
        var limit = new TimeLimit(options.Milliseconds);
        // A client or a reader of the log that is gone must not kill the server. The program gets the default action back.
        Errno error = Signals.Reset(libc.SIGPIPE) && Signals.HoldBack(libc.SIGPIPE);
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to ignore SIGPIPE"u8);
        error = BareBytes.Write(libc.STDOUT_FILENO, SudoWire.ServerBanner, limit);
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to write banner to client"u8);

        return TryStartProgram(options, invocation.Environment, limit, diagnostics, out RunningProgram program, out Outcome outcome)
            ? Attend(program, options, limit, diagnostics)
            : outcome;
    }

    /// <summary>
    /// Reads the client's message and starts the program. Afterwards the server keeps nothing of the message: neither memory nor
    /// descriptors, not even those that the program didn't get, because a reader of the program's output must not have to wait for the server.
    /// If no program starts, the end of the process closes the descriptors: it never waits for a socket that lingers (SO_LINGER, socket(7)).
    /// </summary>
    private static bool TryStartProgram(
        SudodOptions options, EnvironmentBlock environment, in TimeLimit limit, Diagnostics diagnostics,
        out RunningProgram program, out Outcome outcome)
    {
        program = default;
        outcome = default;
        var reader = new MessageReader(MessageFormat.LargestData, MessageFormat.MostDescriptors);
        Interruptions interruptions = default;
        // Without timers (EAGAIN, ENOSYS) honest clients are still served.
        _ = interruptions.Open();
        Errno error = Conversation.Receive(libc.STDIN_FILENO, ref reader, limit, interruptions, out Message message);
        if (error.Failed)
        {
            // The end of the stream is no error: "Success".
            Errno shown = error.Is(libc.EPIPE) ? default : error;
            outcome = diagnostics.Fatal(ExitCode.System, "unable to read message from client: "u8, shown.Text);
            return false;
        }
        RequestFault fault = SudoRequest.Parse(message.Data, message.DescriptorCount, options.Words.Count > 0, out SudoRequest request);
        if (fault != RequestFault.None)
        {
            outcome = Refuse(fault, limit, diagnostics);
            return false;
        }
        Words command = CommandOf(options.Words, request.Arguments);
        error = Start(command, request, message, options, environment, out program, out ProgramDescriptors standard);
        if (error.Failed)
        {
            _ = Answer(error.Number, limit);
            outcome = diagnostics.Fatal(error, "unable to spawn "u8, command[0]);
            return false;
        }
        interruptions.Begin(ForeignDescriptorThread.IntervalNanoseconds);
        standard.Close();
        reader.Free();
        interruptions.End();
        return true;
    }

    private static Outcome Refuse(RequestFault fault, in TimeLimit limit, Diagnostics diagnostics)
    {
        var invalid = new Errno(libc.EINVAL);
        if (fault is RequestFault.BadArguments or RequestFault.BadVariables or RequestFault.VariableWithoutName)
            _ = Answer(invalid.Number, limit);
        return fault switch
        {
            RequestFault.BadArguments => diagnostics.Fatal(invalid, "unable to make child argv"u8),
            RequestFault.BadVariables => diagnostics.Fatal(invalid, "unable to make child envp"u8),
            RequestFault.WrongDescriptorCount => diagnostics.Fatal(ExitCode.Usage, "client did not send 3 fds"u8),
            RequestFault.TooShort => diagnostics.Fatal(ExitCode.Usage, "wrong client message"u8),
            RequestFault.WrongBanner => diagnostics.Fatal(ExitCode.Usage, "wrong client banner"u8),
            RequestFault.WrongSize => diagnostics.Fatal(ExitCode.Usage, "wrong client argc/envlen"u8),
            RequestFault.TooManyStrings => diagnostics.Fatal(ExitCode.Usage, "too many args/envvars from client"u8),
            RequestFault.NothingToRun => diagnostics.Fatal(ExitCode.Usage, "client and server args both empty"u8),
            _ => diagnostics.Fatal(ExitCode.Usage, "bad environment from client"u8),
        };
    }

    /// <summary>Tells the client that the program runs, and how it ended; asks the program to end if the client goes away.</summary>
    private static Outcome Attend(RunningProgram program, SudodOptions options, in TimeLimit limit, Diagnostics diagnostics)
    {
        var log = new SudoLog(diagnostics, options.Verbosity);
        bool outlivesClient = options.Detaches;
        Errno error = Answer(SudoWire.GoAhead, limit);
        if (error.Failed && !outlivesClient)
        {
            program.Terminate();
            return diagnostics.Fatal(error, "unable to send confirmation to client"u8);
        }
        Result<ProgramEnd> end = program.Await(libc.STDIN_FILENO, outlivesClient, out uint status);
        if (end.Failed)
            return diagnostics.Fatal(end.Error, "unable to wait for the program"u8);
        if (end.Value == ProgramEnd.Abandoned)
        {
            program.Terminate();
            log.Abandon(program.ProcessId);
            return Outcome.Exit(ExitCode.Refused);
        }
        error = end.Value == ProgramEnd.Ended ? SendStatus(status) : default;
        log.End(program.ProcessId, new ProgramStatus(status));
        return error.Failed && !outlivesClient
            ? diagnostics.Fatal(error, "unable to write status to client"u8)
            : Outcome.Exit(ExitCode.Success);
    }

    /// <summary>The server's words, followed by the client's.</summary>
    private static Words CommandOf(Words own, RequestStrings added)
    {
        var command = new WordList(own.Count + added.Left);
        command.Add(own);
        while (added.MoveNext())
        {
            fixed (byte* word = added.Current)
                command.Add(word);
        }
        return command.Words;
    }

    /// <summary>Starts the program, searched in the PATH of the server. Its descriptors stay open here.</summary>
    private static Errno Start(
        Words command, SudoRequest request, Message message, SudodOptions options, EnvironmentBlock environment,
        out RunningProgram program, out ProgramDescriptors standard)
    {
        program = default;
        var file = new ProgramFile(ProgramCandidates.Of(command[0], environment));
        byte** variables = EnvironmentFilter.Fill(environment, request.Variables);
        return ProgramDescriptors.Take(message, options, out standard)
            && RunningProgram.Start(file, command, variables, standard, out program);
    }

    private static Errno Answer(int number, in TimeLimit limit)
    {
        byte answer = (byte)number;
        return BareBytes.Write(libc.STDOUT_FILENO, new ReadOnlySpan<byte>(in answer), limit);
    }

    private static Errno SendStatus(uint status)
    {
        Span<byte> bytes = stackalloc byte[SudoWire.NumberSize];
        BigEndian.Write(bytes, status);
        return BareBytes.Write(libc.STDOUT_FILENO, bytes, default);
    }
}
