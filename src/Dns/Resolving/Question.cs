using System;
using LocalService.Dns.Configuration;
using LocalService.Dns.Packets;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Dns.Resolving;

/// <summary>What a question wants to happen next.</summary>
internal enum QuestionStep : byte
{
    /// <summary>Nothing, until an answer comes or its <see cref="Question.Deadline"/> has passed.</summary>
    Wait,

    /// <summary>
    /// Open a new socket for <see cref="Question.Server"/>, call <see cref="Question.BeginTry"/>, and send what <see cref="Question.Write"/> writes.
    /// </summary>
    SendUdp,

    /// <summary>The same over a connection.</summary>
    SendTcp,

    /// <summary>It is over: <see cref="Question.Error"/> tells how.</summary>
    Finish,
}

/// <summary>
/// The way of one question from server to server. It makes no system calls: times and packets go in, steps and deadlines come out. Times are in
/// milliseconds, <see cref="Clock.Milliseconds"/>. Specification "dns", section 2.3, with B5 to B7, B24 to B27.
/// </summary>
internal unsafe struct Question
{
    /// <summary>The longest that a question takes.</summary>
    internal const long MostMilliseconds = 20_000;

    // Over TCP, three packets go back and forth before there is an answer.
    private const int TcpFactor = 4;
    private const int MostWrongAnswers = 10;

    // A middlebox may drop packets with extensions that it doesn't know.
    private const int FirstPlainRound = 2;

    /// <summary>The name that is asked for.</summary>
    internal DomainName Name;

    private fixed byte order[ResolverConfiguration.MostServers];
    private long end;
    private long tryEnd;
    private ulong letterCase;
    private uint generation;
    private ushort id;
    private ushort hopeless; // servers that aren't asked again, a bit each; likewise the following
    private ushort failing; // that said once that they can't answer
    private ushort plain; // that are asked without the extension
    private ushort overTcp; // that are asked over TCP
    private byte position; // in the order
    private byte round;
    private byte wrongAnswers;
    private byte lastCode;
    private bool allOverTcp;
    private bool pausing;
    private bool extended; // this try

    /// <summary>The type that is asked for.</summary>
    internal ushort Type { get; private set; }

    /// <summary>Whether recursion is desired, and whether the server is to say if it checked the answer.</summary>
    internal QueryFlags Flags { get; private set; }

    /// <summary>The id of the try that is under way.</summary>
    internal readonly ushort Id => id;

    /// <summary>Whether no try is under way: it waits before the next one.</summary>
    internal readonly bool IsPausing => pausing;

    /// <summary>The server of the try that is under way, or to be begun.</summary>
    internal readonly int Server => order[position];

    /// <summary>When <see cref="TimePassed"/> is to be called, unless something happens before.</summary>
    internal readonly long Deadline => tryEnd < end ? tryEnd : end;

    /// <summary>Why there is no answer, once the question is over; no error when there is one.</summary>
    internal Errno Error { get; private set; }

    private readonly ushort ServerBit => (ushort)(1 << Server);

    /// <summary>Begins.</summary>
    internal QuestionStep Start(ref ServerTable servers, ReadOnlySpan<byte> name, ushort type, QueryFlags flags, long now)
    {
        this = default;
        Type = type;
        Flags = flags;
        Error = Name.TrySet(name) && type != 0 ? default : new Errno(libc.EINVAL);
        if (Error.Failed)
            return QuestionStep.Finish;
        end = now + MostMilliseconds;
        generation = servers.Generation - 1;
        return Ask(ref servers, now);
    }

    /// <summary>Resumes after waiting for a socket. The question's time starts again if nothing was sent yet.</summary>
    internal void Resume(long now)
    {
        if (tryEnd == 0)
            end = now + MostMilliseconds;
    }

    /// <summary>Begins a try, to <see cref="Server"/>.</summary>
    /// <param name="servers">What is known about the servers.</param>
    /// <param name="tcp">Whether it goes over TCP.</param>
    /// <param name="newId">A random number.</param>
    /// <param name="newCase">Another random number.</param>
    /// <param name="now">The time.</param>
    internal void BeginTry(in ServerTable servers, bool tcp, ushort newId, ulong newCase, long now)
    {
        id = newId;
        letterCase = tcp ? 0 : newCase; // a server that answers over a connection has shown that it is there
        extended = (plain & ServerBit) == 0 && !servers.LacksExtension(Server) && round < FirstPlainRound;
        tryEnd = now + ((long)servers.TryMilliseconds << round) * (tcp ? TcpFactor : 1);
        pausing = false;
    }

    /// <summary>Writes the query of this try to the start of a buffer of <see cref="QueryWriter.Longest"/> bytes.</summary>
    /// <returns>The number of bytes.</returns>
    internal readonly int Write(Span<byte> packet) =>
        QueryWriter.Write(packet, id, Name.Wire, Type, Flags | (extended ? QueryFlags.Extended : QueryFlags.None), letterCase);

    /// <summary>The deadline has passed.</summary>
    internal QuestionStep TimePassed(ref ServerTable servers, long now)
    {
        if (now < Deadline)
            return QuestionStep.Wait;
        if (now >= end)
            return Give(LastError);
        if (pausing)
            return Ask(ref servers, now);
        if (generation == servers.Generation)
            servers.NoteFailure(Server, now);
        return Proceed(ref servers, now);
    }

    /// <summary>The server can't be reached, or broke the connection.</summary>
    internal QuestionStep Fail(ref ServerTable servers, long now)
    {
        if (generation == servers.Generation)
            servers.NoteFailure(Server, now);
        hopeless |= ServerBit;
        return Proceed(ref servers, now);
    }

    /// <summary>Gives up for a reason of this machine.</summary>
    internal QuestionStep GiveUp(Errno error) => Give(error);

    /// <summary>A packet came from the server that the query of this try went to.</summary>
    /// <param name="servers">What is known about the servers.</param>
    /// <param name="packet">The packet. If it is the answer, its question gets the case of <see cref="Name"/>.</param>
    /// <param name="whole">Whether the packet is complete.</param>
    /// <param name="tcp">Whether it came over TCP.</param>
    /// <param name="now">The time.</param>
    internal QuestionStep Receive(ref ServerTable servers, Span<byte> packet, bool whole, bool tcp, long now)
    {
        Span<byte> sent = stackalloc byte[DomainName.Longest];
        Name.Wire.CopyTo(sent);
        sent = sent[..Name.Wire.Length];
        QueryWriter.MixCase(sent, letterCase);
        ResponseMatch match = Response.Match(packet, id, sent, Type);
        if (match == ResponseMatch.OtherCase && !tcp)
            return AskOverTcp(ref servers, now);
        if (match == ResponseMatch.Other)
            return tcp ? QuestionStep.Wait : CountWrongAnswer(ref servers, now);
        if (match == ResponseMatch.WithoutQuestion)
            return HandleCode(ref servers, new PacketHeader(packet).ResponseCode, tcp, now);
        if (new PacketHeader(packet).IsTruncated || !whole)
            return tcp ? Fail(ref servers, now) : ChangeToTcp(ref servers, now);
        int code = Response.CodeOf(packet);
        if (code is not (ResponseCode.Success or ResponseCode.NameError))
            return HandleCode(ref servers, code, tcp, now);
        NoteAnswer(ref servers, tcp);
        Name.Wire.CopyTo(packet[PacketHeader.Size..]);
        return Give(default);
    }

    private readonly Errno LastError => lastCode == 0 ? DnsError.NoServer : DnsError.OfResponseCode(lastCode);

    private QuestionStep Give(Errno error)
    {
        Error = error;
        return QuestionStep.Finish;
    }

    private QuestionStep Ask(ref ServerTable servers, long now)
    {
        if (generation != servers.Generation)
            StartOver(ref servers, now);
        if (servers.Count == 0)
            return Give(LastError);
        bool tcp = allOverTcp || servers.UsesTcp || (overTcp & ServerBit) != 0 || servers.ChangesCase(Server);
        return tcp ? QuestionStep.SendTcp : QuestionStep.SendUdp;
    }

    private void StartOver(ref ServerTable servers, long now)
    {
        generation = servers.Generation;
        position = 0;
        round = 0;
        hopeless = 0;
        failing = 0;
        plain = 0;
        overTcp = 0;
        fixed (byte* start = order)
            servers.Order(now, new Span<byte>(start, ResolverConfiguration.MostServers));
    }

    /// <summary>Goes on to the next server that may know better; after the last one to the next round.</summary>
    private QuestionStep Proceed(ref ServerTable servers, long now)
    {
        if (generation != servers.Generation)
            return Ask(ref servers, now);
        while (++position < servers.Count)
        {
            if ((hopeless & ServerBit) == 0)
                return Ask(ref servers, now);
        }
        bool anyLeft = false;
        for (position = (byte)servers.Count; position > 0; position--)
            anyLeft |= (hopeless & 1 << order[position - 1]) == 0;
        if (++round >= servers.Attempts || !anyLeft)
            return Give(LastError);
        while ((hopeless & ServerBit) != 0)
            position++;
        // A server that answered early isn't asked again before its time has passed, B26.
        pausing = now < tryEnd;
        return pausing ? QuestionStep.Wait : Ask(ref servers, now);
    }

    private QuestionStep AskOverTcp(ref ServerTable servers, long now)
    {
        overTcp |= ServerBit;
        return Ask(ref servers, now);
    }

    /// <summary>From now on all servers are asked over TCP, the present one first.</summary>
    private QuestionStep ChangeToTcp(ref ServerTable servers, long now)
    {
        byte present = (byte)Server;
        bool isPresent = generation == servers.Generation;
        ushort useless = hopeless;
        ushort unextended = plain;
        StartOver(ref servers, now);
        allOverTcp = true;
        if (isPresent)
        {
            hopeless = useless;
            plain = unextended;
            int place = 0;
            while (order[place] != present)
                place++;
            for (; place > 0; place--)
                order[place] = order[place - 1];
            order[0] = present;
        }
        return QuestionStep.SendTcp;
    }

    private QuestionStep CountWrongAnswer(ref ServerTable servers, long now) =>
        ++wrongAnswers < MostWrongAnswers ? QuestionStep.Wait : ChangeToTcp(ref servers, now);

    private QuestionStep HandleCode(ref ServerTable servers, int code, bool tcp, long now)
    {
        if (extended && code is ResponseCode.FormatError or ResponseCode.NotImplemented or ResponseCode.UnknownVersion)
        {
            plain |= ServerBit;
            return Ask(ref servers, now);
        }
        lastCode = code > byte.MaxValue ? byte.MaxValue : (byte)code;
        bool isTransient = code is ResponseCode.ServerFailure or > ResponseCode.Refused;
        if (!isTransient && generation == servers.Generation)
            servers.NoteFailure(Server, now);
        if (!isTransient || (failing & ServerBit) != 0)
            hopeless |= ServerBit;
        failing |= ServerBit;
        return Proceed(ref servers, now);
    }

    private readonly void NoteAnswer(ref ServerTable servers, bool tcp)
    {
        if (generation != servers.Generation)
            return;
        servers.NoteSuccess(Server);
        if ((plain & ServerBit) != 0)
            servers.NoteLackOfExtension(Server);
        if (tcp && (overTcp & ServerBit) != 0)
            servers.NoteChangeOfCase(Server);
    }
}
