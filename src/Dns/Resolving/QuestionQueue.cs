namespace LocalService.Dns.Resolving;

/// <summary>The questions that wait for a socket, the first one first. The links are in their slots, so that the queue needs no memory.</summary>
internal unsafe struct QuestionQueue
{
    private int tail;

    /// <summary>An empty one.</summary>
    internal static QuestionQueue Empty => new() { Head = QuestionPool.None, tail = QuestionPool.None };

    /// <summary>The number of the first question, or <see cref="QuestionPool.None"/>.</summary>
    internal int Head { get; private set; }

    /// <summary>Whether no question waits.</summary>
    internal readonly bool IsEmpty => Head == QuestionPool.None;

    /// <summary>Adds a question at the end.</summary>
    /// <param name="pool">Where its slot is.</param>
    /// <param name="number">The question, which isn't in the queue.</param>
    /// <param name="step">Its next step.</param>
    internal void Add(ref QuestionPool pool, int number, QuestionStep step)
    {
        QuestionSlot* slot = pool.Slot(number);
        slot->QueuedStep = step;
        slot->IsQueued = true;
        slot->NextInQueue = QuestionPool.None;
        slot->PreviousInQueue = tail;
        if (tail == QuestionPool.None)
            Head = number;
        else
            pool.Slot(tail)->NextInQueue = number;
        tail = number;
    }

    /// <summary>Removes a question, if it is in the queue.</summary>
    internal void Remove(ref QuestionPool pool, int number)
    {
        QuestionSlot* slot = pool.Slot(number);
        if (!slot->IsQueued)
            return;
        slot->IsQueued = false;
        if (slot->PreviousInQueue == QuestionPool.None)
            Head = slot->NextInQueue;
        else
            pool.Slot(slot->PreviousInQueue)->NextInQueue = slot->NextInQueue;
        if (slot->NextInQueue == QuestionPool.None)
            tail = slot->PreviousInQueue;
        else
            pool.Slot(slot->NextInQueue)->PreviousInQueue = slot->PreviousInQueue;
    }
}
