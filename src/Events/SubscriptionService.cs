using System;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Posix;
using LocalService.Services;

namespace LocalService.Events;

/// <summary>What the daemon of event notification does for its client, in either dialect. Specification "ftrig", sections 4.1 and 4.2.</summary>
internal struct SubscriptionService : ISessionService
{
    private SubscriptionTable subscriptions;

    /// <inheritdoc/>
    public bool TryHandle(ref EventLoop loop, ref Session session, ReadOnlySpan<byte> command)
    {
        if (session.Dialect == (int)Dialect.Byte)
            return TryHandleByteCommand(ref loop, ref session, command);
        return TryHandleTextCommand(ref loop, ref session, command);
    }

    /// <inheritdoc/>
    public void Ready(ref EventLoop loop, ref Session session, uint tag)
    {
        int place = (int)tag;
        if (!subscriptions[place].IsLive)
            return;
        Errno error = subscriptions[place].Subscription.Receive();
        if (error.Failed && !error.Is(libc.EAGAIN))
        {
            Fail(ref loop, ref session, place, error);
            return;
        }
        while (subscriptions[place].Subscription.TryTake(out ReadOnlySpan<byte> text))
        {
            Post(ref session, subscriptions[place].Id, text);
            if (subscriptions[place].Repeats)
                continue;
            // The output of the session is written when the turn ends: the FIFO is gone before the client knows (decision 24).
            Remove(ref loop, place);
            return;
        }
    }

    /// <inheritdoc/>
    public void Deadline(ref EventLoop loop, ref Session session, uint tag)
    {
        subscriptions[(int)tag].HasDeadline = false;
        Fail(ref loop, ref session, (int)tag, new Errno(libc.ETIMEDOUT));
    }

    /// <inheritdoc/>
    public readonly void Close() => subscriptions.Close();

    private bool TryHandleByteCommand(ref EventLoop loop, ref Session session, ReadOnlySpan<byte> command)
    {
        if (!ByteDialectCommand.TryParse(command, out ByteDialectCommand parsed))
            return false;
        int place = subscriptions.Find(parsed.Id);
        if (parsed.Subscribes)
            session.AnswerByte(parsed.IsMalformed ? new Errno(libc.EPROTO) : Subscribe(ref loop, Dialect.Byte, parsed.Request));
        else
            session.AnswerByte(Unsubscribe(ref loop, place));
        return true;
    }

    private bool TryHandleTextCommand(ref EventLoop loop, ref Session session, ReadOnlySpan<byte> command)
    {
        if (!TextDialectCommand.TryParse(command, out TextDialectCommand parsed))
            return false;
        int place = subscriptions.Find(parsed.Id);
        if (!parsed.Subscribes)
            session.AnswerNumber(Unsubscribe(ref loop, place));
        else if (parsed.IsMalformed)
            session.AnswerNumber(new Errno(libc.EPROTO));
        else if (place != SubscriptionTable.None)
            session.AnswerNumber(new Errno(libc.EEXIST));
        else
            session.AnswerNumber(Subscribe(ref loop, Dialect.Text, parsed.Request));
        return true;
    }

    private Errno Subscribe(ref EventLoop loop, Dialect dialect, scoped in SubscriptionRequest request)
    {
        // The table has no room for the highest id.
        if (request.Id == uint.MaxValue)
            return new Errno(libc.EINVAL);
        Errno error = subscriptions.Reserve();
        if (!error.Failed && request.Milliseconds > 0)
            error = loop.ReserveDeadlines(1);
        if (error.Failed)
            return error;
        error = Subscription.Open(request.Directory, request.Expression, dialect, out Subscription subscription);
        if (error.Failed)
            return error;
        int place = subscriptions.Add(request.Id, subscription, request.Repeats);
        error = loop.Watch(subscription.Number, libc.EPOLLIN, (uint)place);
        if (error.Failed)
        {
            subscriptions.Remove(place);
            return error;
        }
        ref SubscriptionTable.Entry entry = ref subscriptions[place];
        entry.HasDeadline = request.Milliseconds > 0;
        if (entry.HasDeadline)
            entry.Deadline = loop.AddDeadline(Moment.Now.PlusMilliseconds(request.Milliseconds), (uint)place);
        return default;
    }

    private Errno Unsubscribe(ref EventLoop loop, int place)
    {
        if (place == SubscriptionTable.None)
            return new Errno(libc.EINVAL);
        Remove(ref loop, place);
        return default;
    }

    private void Remove(ref EventLoop loop, int place)
    {
        if (subscriptions[place].HasDeadline)
            loop.RemoveDeadline(subscriptions[place].Deadline);
        loop.Forget(subscriptions[place].Subscription.Number);
        subscriptions.Remove(place);
    }

    private static void Post(ref Session session, uint id, ReadOnlySpan<byte> text)
    {
        Span<byte> head = stackalloc byte[TextDialectCommand.EventHeadSize];
        if (session.Dialect == (int)Dialect.Byte)
            session.Post(ByteDialectCommand.EventHead(id, ByteDialectCommand.Event, head), text);
        else
            session.Post(TextDialectCommand.EventHead(id, default, head), text);
    }

    /// <summary>Ends a subscription, and tells the client why.</summary>
    private void Fail(ref EventLoop loop, ref Session session, int place, Errno error)
    {
        Span<byte> head = stackalloc byte[TextDialectCommand.EventHeadSize];
        uint id = subscriptions[place].Id;
        byte number = (byte)error.Number;
        if (session.Dialect == (int)Dialect.Byte)
            session.Post(ByteDialectCommand.EventHead(id, ByteDialectCommand.Failure, head), new ReadOnlySpan<byte>(in number));
        else
            session.Post(TextDialectCommand.EventHead(id, error, head));
        Remove(ref loop, place);
    }
}
