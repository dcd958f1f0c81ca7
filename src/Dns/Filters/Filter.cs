using System;
using LocalService.CommandLine;
using LocalService.Dns.Hosts;
using LocalService.Dns.Packets;
using LocalService.Dns.Resolving;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Dns.Filters;

/// <summary>
/// The common part of the filters: looks up the word that begins each line of standard input, many at a time, and writes the lines in their order,
/// each as soon as it and all before it are done. Specification "dns", section 3, with B4, B15 and B18.
/// </summary>
/// <param name="diagnostics">For messages.</param>
/// <param name="options">The options of the user.</param>
/// <param name="type">The type of record that is looked up: A, AAAA, or PTR for the names of addresses.</param>
internal unsafe ref struct Filter(Diagnostics diagnostics, FilterOptions options, ushort type)
{
    private const int PieceSize = 64 * 1024;

    // As much as a pipe with room takes without waiting: PIPE_BUF.
    private const int SmallPieceSize = 4096;

    private readonly Diagnostics diagnostics = diagnostics;
    private readonly FilterOptions options = options;
    private readonly ushort type = type;
    private Resolver* resolver; // null with a session
    private FilterSession* session; // null without one
    private HostsFile hosts;
    private FilterLines lines;
    private ByteBuffer input;
    private int taken; // of the input
    private int searched; // of what is left of it, without a newline
    private bool isAtEnd;
    private OutputText output;
    private OutputText records;
    private OutputText line;

    /// <summary>Runs a filter.</summary>
    internal static Outcome Run(Invocation invocation, ReadOnlySpan<byte> program, ReadOnlySpan<byte> declaration, ushort type)
    {
        var diagnostics = new Diagnostics(program);
        var reader = new OptionReader(invocation.Words, declaration);
        FilterOptions options = FilterOptions.Read(ref reader);
        if (reader.IsWrong)
            return diagnostics.Usage(reader);
        if (!options.HasValidFormats)
            return diagnostics.Fatal(new Errno(libc.EINVAL), "unable to format a string"u8);
        return new Filter(diagnostics, options, type).Run(invocation.Environment);
    }

    private Outcome Run(EnvironmentBlock environment)
    {
        Outcome opened = options.Socket.IsEmpty ? OpenResolver(environment) : OpenSession();
        if (opened.Code != ExitCode.Success)
            return opened;
        Errno error = options.UsesHosts ? hosts.Open(diagnostics) : default;
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to read /etc/hosts"u8);
        error = lines.Open(options.Lines);
        Errno read = default;
        while (!error.Failed && !read.Failed && !(isAtEnd && lines.Count == 0 && input.Length == taken))
        {
            error = TakeLines() && CompleteAll();
            if (error.Failed)
                break;
            lines.TakeDone(ref output);
            Errno written = session == null ? output.Write(libc.STDOUT_FILENO) : WriteAndListen(out error);
            output.Clear();
            if (written.Failed)
                return diagnostics.Fatal(written, "unable to write to stdout"u8);
            if (session != null && session->Error.Failed)
                return Lose();
            if (!error.Failed && !CanTakeLine())
                read = Wait();
        }
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to keep a line"u8);
        return read.Failed ? diagnostics.Fatal(read, "unable to read from stdin"u8) : Outcome.Exit(ExitCode.Success);
    }

    private Outcome OpenResolver(EnvironmentBlock environment)
    {
        Errno error = DescriptorLimit.Raise();
        if (error.Failed)
            diagnostics.Warning(error, "unable to raise the limit on open descriptors"u8);
        resolver = (Resolver*)Arena.Allocate((nuint)sizeof(Resolver));
        error = resolver->Open(new ResolverSettings { Capacity = options.Concurrency }, environment, diagnostics);
        return error.Failed
            ? diagnostics.Fatal(error, "unable to initialize structures from /etc/resolv.conf"u8)
            : Outcome.Exit(ExitCode.Success);
    }

    private Outcome OpenSession()
    {
        // A daemon that is gone is an error, not the end of the filter.
        Errno error = Signals.HoldBack(libc.SIGPIPE);
        session = (FilterSession*)Arena.Allocate((nuint)sizeof(FilterSession));
        error = error && session->Open(options.Socket, options.Concurrency, options.Milliseconds);
        return error.Failed
            ? diagnostics.Fatal(error, "unable to begin a session with the skadnsd at "u8, options.Socket)
            : Outcome.Exit(ExitCode.Success);
    }

    /// <summary>The session is lost: reports each line that was read and isn't done yet as failed.</summary>
    private Outcome Lose()
    {
        Errno error = default;
        for (int place = lines.FirstWaiting; place >= 0 && !error.Failed; place = lines.FirstWaiting)
            error = Fail(place, session->Error);
        lines.TakeDone(ref output);
        error = error && output.Write(libc.STDOUT_FILENO);
        if (error.Failed)
            diagnostics.Warning(error, "unable to write to stdout"u8);
        return diagnostics.Fatal(session->Error, "lost the session with the skadnsd at "u8, options.Socket);
    }

    private readonly int Pending => session == null ? resolver->Pending : session->Pending;

    private readonly bool HasRoom => !lines.IsFull && (session == null ? resolver->Pending < options.Concurrency : session->HasRoom);

    /// <summary>Whether there is a whole line, and room for it.</summary>
    private bool CanTakeLine() => HasRoom && LengthOfLine() >= 0;

    /// <summary>The length of the next line, without its newline; -1 when it isn't complete. The last line needs no newline.</summary>
    private int LengthOfLine()
    {
        ReadOnlySpan<byte> rest = input.Content[taken..];
        int newline = rest[searched..].IndexOf((byte)'\n');
        if (newline >= 0)
            return searched + newline;
        searched = rest.Length;
        return isAtEnd && !rest.IsEmpty ? rest.Length : -1;
    }

    private Errno TakeLines()
    {
        if (session == null)
            resolver->Refresh(diagnostics);
        Errno changed = options.UsesHosts ? hosts.Refresh(diagnostics) : default;
        if (changed.Failed)
            diagnostics.Warning(changed, "unable to read /etc/hosts"u8);
        Errno error = default;
        while (!error.Failed && CanTakeLine())
        {
            int length = LengthOfLine();
            error = Begin(input.Content.Slice(taken, length));
            taken += length < input.Length - taken ? length + 1 : length;
            searched = 0;
        }
        return error;
    }

    /// <summary>Starts to look up the word of a line.</summary>
    private Errno Begin(ReadOnlySpan<byte> text)
    {
        DomainName name = default;
        IpAddress address = default;
        int wordLength = FilterLine.LengthOfWord(text);
        Errno wrong = new(libc.EINVAL);
        if (type == RecordType.PTR)
        {
            int length = FilterLine.LengthOfAddress(text, out address);
            bool isWanted = length > 0 && (address.IsV4 ? options.V4 || !options.V6 : options.V6);
            wordLength = isWanted ? length : wordLength;
            if (isWanted)
                ReverseName.Of(address, ref name);
        }
        else if (wordLength > 0)
        {
            wrong = name.Parse(text[..wordLength]);
        }
        Result<int> place = lines.Add(text, wordLength);
        if (place.Failed)
            return place.Error;
        if (name.IsNone)
            return Fail(place.Value, wrong);
        records.Clear();
        Errno error = options.UsesHosts ? FindInHosts(name, address) : default;
        if (error.Failed)
            return Fail(place.Value, error);
        if (records.Length > 0)
            return Succeed(place.Value);
        if (session != null)
        {
            session->Ask(name.Wire, type, options.Milliseconds, (ushort)place.Value);
            return default;
        }
        long limit = options.Milliseconds == 0 ? long.MaxValue : Clock.Milliseconds + options.Milliseconds;
        Result<int> asked = resolver->Ask(name.Wire, type, QueryFlags.RecursionDesired, limit, (ulong)place.Value);
        return asked.Failed ? Fail(place.Value, asked.Error) : default;
    }

    private Errno CompleteAll()
    {
        if (session != null)
            session->Flush();
        Errno error = default;
        while (!error.Failed && (session == null ? resolver->Next(out Completion completion) : session->Next(out completion)))
            error = Complete(completion);
        return error;
    }

    private Errno Complete(Completion completion)
    {
        int place = (int)completion.Token;
        if (!lines.IsWaiting(place))
        {
            session->Note(new Errno(libc.EPROTO));
            return default;
        }
        Answer answer = default;
        Errno error = completion.Error.Failed ? completion.Error : Answer.Open(completion.Packet, type, out answer);
        if (error.Failed)
            return Fail(place, error);
        records.Clear();
        while (answer.Next(out Record record))
            AddRecord(record);
        return Succeed(place);
    }

    private void AddRecord(Record record)
    {
        if (records.Length > 0)
            records.Add(","u8);
        if (type != RecordType.PTR)
        {
            RecordText.Add(ref records, record);
            return;
        }
        DomainName name = default;
        _ = record.ReadName(0, ref name);
        name.MakeSmall();
        AddName(name);
    }

    /// <summary>Adds a name. A comma in it gets a backslash, since commas separate the records.</summary>
    private void AddName(in DomainName name)
    {
        ReadOnlySpan<byte> text = name.Format(stackalloc byte[DomainName.LongestText]);
        for (int comma = text.IndexOf((byte)','); comma >= 0; comma = text.IndexOf((byte)','))
        {
            records.Add(text[..comma]);
            records.Add("\\,"u8);
            text = text[(comma + 1)..];
        }
        records.Add(text);
    }

    private Errno FindInHosts(in DomainName name, IpAddress address)
    {
        ByteBuffer found = default;
        Errno error = type == RecordType.PTR
            ? hosts.FindNames(address.Unmapped, ref found, diagnostics)
            : hosts.FindAddresses(name, type == RecordType.A, ref found, diagnostics);
        ReadOnlySpan<byte> rest = error.Failed ? default : found.Content;
        DomainName other = default;
        while (!rest.IsEmpty)
        {
            int length = type == RecordType.PTR ? rest.IndexOf((byte)0) : type == RecordType.A ? IpAddress.V4Size : IpAddress.V6Size;
            if (records.Length > 0)
                records.Add(","u8);
            if (type != RecordType.PTR && IpAddress.TryRead(rest[..length], out IpAddress host))
                records.Add(host);
            else if (!other.Parse(rest[..length]).Failed)
                AddName(other);
            rest = rest[(type == RecordType.PTR ? length + 1 : length)..];
        }
        found.Free();
        return error;
    }

    private Errno Succeed(int place) => Finish(place, options.Format, records.Content);

    private Errno Fail(int place, Errno error)
    {
        bool isNoAddress = type == RecordType.PTR && error.Is(libc.EINVAL);
        return Finish(place, options.ErrorFormat, isNoAddress ? "invalid address"u8 : DnsError.Text(error));
    }

    private Errno Finish(int place, ReadOnlySpan<byte> format, ReadOnlySpan<byte> found)
    {
        line.Clear();
        FilterFormat.Add(ref line, format, lines.At(place), found);
        return line.Error.Failed ? line.Error : lines.Finish(place, line.Content);
    }

    /// <summary>
    /// Writes to standard output, and keeps listening to the daemon while the write waits: a daemon ends the session of a client that doesn't listen.
    /// </summary>
    private Errno WriteAndListen(out Errno error)
    {
        error = default;
        var watched = stackalloc pollfd[3];
        for (ReadOnlySpan<byte> rest = output.Content; !rest.IsEmpty && !error.Failed;)
        {
            watched[0] = new pollfd { fd = libc.STDOUT_FILENO, events = LibC.POLLOUT };
            session->Watch(&watched[1], &watched[2]);
            if (!UserDescriptor.IsOpen(libc.STDOUT_FILENO))
                return new Errno(libc.EBADF);
            // There is nothing to read from a daemon that is gone.
            int ready = LibC.poll(watched, session->Error.Failed ? 1u : 3u, -1);
            if (ready < 0)
                BackOff.RestAfterWait();
            if (ready <= 0)
                continue;
            if (watched[1].revents != 0 || watched[2].revents != 0)
                error = CompleteAll();
            if (watched[0].revents == 0)
                continue;
            nint size;
            fixed (byte* start = rest)
                size = libc.write(libc.STDOUT_FILENO, start, (nuint)(rest.Length < SmallPieceSize ? rest.Length : SmallPieceSize));
            if (size >= 0)
            {
                rest = rest[(int)size..];
                continue;
            }
            Errno written = Errno.Last;
            // A reader that is gone ends the filter with SIGPIPE, as it ends other programs.
            if (written.Is(libc.EPIPE))
                _ = Signals.Unblock(libc.SIGPIPE);
            if (written.Number is not (libc.EINTR or libc.EAGAIN))
                return written;
        }
        return output.Error;
    }

    /// <summary>Waits until there is more to read, or an answer, and reads.</summary>
    private Errno Wait()
    {
        var watched = stackalloc pollfd[3];
        bool reads = HasRoom && !isAtEnd;
        watched[0] = new pollfd { fd = reads ? libc.STDIN_FILENO : -1, events = LibC.POLLIN };
        if (!reads && Pending == 0)
            return default;
        if (session == null)
            watched[1] = new pollfd { fd = resolver->Descriptor, events = LibC.POLLIN };
        else
            session->Watch(&watched[1], &watched[2]);
        int ready = LibC.poll(watched, session == null ? 2u : 3u, session == null ? resolver->MillisecondsLeft : session->MillisecondsLeft());
        if (ready < 0)
            BackOff.RestAfterWait();
        if (ready == 0 && session != null)
            session->Note(new Errno(libc.ETIMEDOUT));
        return ready > 0 && watched[0].revents != 0 ? ReadPiece() : default;
    }

    private Errno ReadPiece()
    {
        Span<byte> rest = input.Content[taken..];
        rest.CopyTo(input.Content);
        input.Truncate(rest.Length);
        taken = 0;
        int kept = input.Length;
        Errno error = input.Extend(PieceSize);
        if (error.Failed)
            return error;
        nint size = libc.read(libc.STDIN_FILENO, input.Pointer + kept, PieceSize);
        error = Errno.Of(size);
        input.Truncate(kept + (size > 0 ? (int)size : 0));
        isAtEnd = size == 0;
        return error.Number is libc.EINTR or libc.EAGAIN ? default : error;
    }
}
