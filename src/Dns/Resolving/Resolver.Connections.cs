using System;
using LocalService.Dns.Packets;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Dns.Resolving;

/// <summary>
/// Questions that are asked over TCP. Several share a connection; the numbers of connections in the heap of deadlines follow those of questions.
/// </summary>
internal unsafe partial struct Resolver
{
    private Errno SendTcp(int number)
    {
        QuestionSlot* slot = pool.Slot(number);
        SocketAddress server = servers.AddressOf(slot->Question.Server);
        Errno error = ids.Reserve(1);
        if (error.Failed)
            return error;
        int place = connections.Find(server);
        if (place < 0)
        {
            Result<int> opened = connections.Open(server);
            if (opened.Failed)
                return opened.Error;
            place = opened.Value;
            TcpConnection* added = connections.At(place);
            added->AwaitsRoom = true;
            error = Watch(added->Socket, libc.EPOLL_CTL_ADD, libc.EPOLLIN | libc.EPOLLOUT, (uint)place | ConnectionMark, added->Serial);
            if (error.Failed)
            {
                connections.Close(place);
                return error;
            }
        }
        ushort id;
        do
            id = (ushort)random.Next();
        while (ids.Contains(KeyOf(place, id)));
        slot->Question.BeginTry(servers, tcp: true, id, 0, Clock.Milliseconds);
        Span<byte> query = stackalloc byte[QueryWriter.Longest];
        query = query[..slot->Question.Write(query)];
        if (trace != null)
            trace->Prepare(query, server.Address, tcp: true);
        error = connections.Append(place, query);
        if (error.Failed)
            return error;
        if (trace != null)
            trace->Confirm(query, slot->Question.Deadline);
        ids.Set(KeyOf(place, id), (uint)number);
        Attach(number, place);
        // An error of the connection shows when it is looked at next.
        _ = connections.Flush(place);
        WatchRoom(place);
        return default;
    }

    private void Attach(int number, int place)
    {
        TcpConnection* connection = connections.At(place);
        QuestionSlot* slot = pool.Slot(number);
        slot->Connection = place;
        slot->PreviousOnConnection = QuestionPool.None;
        slot->NextOnConnection = connection->FirstQuestion;
        if (connection->FirstQuestion != QuestionPool.None)
            pool.Slot(connection->FirstQuestion)->PreviousOnConnection = number;
        connection->FirstQuestion = number;
        connection->Questions++;
        tries.Remove(capacity + place);
    }

    private void Detach(int number)
    {
        QuestionSlot* slot = pool.Slot(number);
        int place = slot->Connection;
        TcpConnection* connection = connections.At(place);
        if (slot->PreviousOnConnection == QuestionPool.None)
            connection->FirstQuestion = slot->NextOnConnection;
        else
            pool.Slot(slot->PreviousOnConnection)->NextOnConnection = slot->NextOnConnection;
        if (slot->NextOnConnection != QuestionPool.None)
            pool.Slot(slot->NextOnConnection)->PreviousOnConnection = slot->PreviousOnConnection;
        slot->Connection = QuestionPool.None;
        _ = ids.Remove(KeyOf(place, slot->Question.Id), out _);
        if (--connection->Questions > 0 || place == broken)
            return;
        // Doesn't close it at once: the answer that was read last may still be in its memory.
        tries.Set(capacity + place, connection->IsDoubtful ? 0 : Clock.Milliseconds + TcpConnections.IdleMilliseconds);
    }

    private static uint KeyOf(int connection, ushort id) => (uint)connection << 16 | id;

    private void WatchRoom(int place)
    {
        TcpConnection* connection = connections.At(place);
        bool awaits = !connection->IsConnected || connection->Output.Length > 0;
        if (awaits == connection->AwaitsRoom)
            return;
        uint events = libc.EPOLLIN | (awaits ? libc.EPOLLOUT : 0);
        if (!Watch(connection->Socket, libc.EPOLL_CTL_MOD, events, (uint)place | ConnectionMark, connection->Serial).Failed)
            connection->AwaitsRoom = awaits;
    }

    /// <summary>Takes the next message of a connection.</summary>
    private void ReadConnection()
    {
        int place = reading;
        Result<bool> next = connections.Next(place, out Span<byte> message);
        if (next.Failed || !next.Value)
        {
            reading = QuestionPool.None;
            connections.At(place)->IsBroken |= next.Failed;
            if (connections.At(place)->IsBroken)
                broken = place;
            return;
        }
        connections.At(place)->HasWorked = true;
        if (trace != null)
            trace->Receive(message);
        uint key = KeyOf(place, new PacketHeader(message).Id);
        if (!ids.Contains(key))
            return;
        int number = (int)ids.Get(key);
        QuestionStep step = pool.Slot(number)->Question.Receive(ref servers, message, whole: true, tcp: true, Clock.Milliseconds);
        Step(number, step, message);
    }

    /// <summary>Moves a question away from a broken connection; closes the connection after the last one.</summary>
    private void LeaveBroken()
    {
        int place = broken;
        TcpConnection* connection = connections.At(place);
        int number = connection->FirstQuestion;
        if (number == QuestionPool.None)
        {
            tries.Remove(capacity + place);
            connections.Close(place);
            broken = QuestionPool.None;
            return;
        }
        QuestionSlot* slot = pool.Slot(number);
        // A server may close a connection after any answer: the unanswered questions are sent again (RFC 7766, section 6.2.4).
        bool resends = connection->HasWorked && !slot->WasResent;
        slot->WasResent = true;
        Step(number, resends ? QuestionStep.SendTcp : slot->Question.Fail(ref servers, Clock.Milliseconds), default);
    }

    /// <summary>Handles an event of a connection, unless the event belongs to an earlier connection at this place.</summary>
    private void AdvanceConnection(int place, uint serial)
    {
        TcpConnection* connection = connections.At(place);
        if (connection->Socket == 0 || connection->Serial != serial)
            return;
        Errno error = connections.Advance(place);
        WatchRoom(place);
        // Data that came before the end count.
        reading = place;
        connection->IsBroken |= error.Failed;
    }
}
