using System;
using LocalService.Dns.Packets;
using LocalService.Errors;
using LocalService.Memory;

namespace LocalService.Dns.Resolving;

/// <summary>A pending question and its state.</summary>
internal struct QuestionSlot
{
    internal Question Question;

    /// <summary>The socket of the try that is under way, or -1.</summary>
    internal int Socket;

    /// <summary>The connection that it was sent over, or -1.</summary>
    internal int Connection;

    /// <summary>A new number for each try, to recognize events of earlier tries.</summary>
    internal uint Serial;

    /// <summary>Its neighbors on its connection, or -1.</summary>
    internal int NextOnConnection;
    internal int PreviousOnConnection;

    /// <summary>Its neighbors in the queue for a socket, or -1; and its next step.</summary>
    internal int NextInQueue;
    internal int PreviousInQueue;
    internal QuestionStep QueuedStep;
    internal bool IsQueued;

    /// <summary>Whether the connection of this try was broken once already, after it had worked.</summary>
    internal bool WasResent;

    internal int FirstWaiter;
    internal int LastWaiter;
    internal int NextWithHash; // plus 1
}

/// <summary>A caller that waits for the answer to a question.</summary>
internal struct Waiter
{
    /// <summary>What the caller knows the question by.</summary>
    internal ulong Token;
    internal int Question;
    internal int Next;
    internal int Previous;
}

/// <summary>
/// The pending questions and their waiters, known by numbers. Equal questions share a slot (B12). Touches memory only as far as it was ever used, and
/// reuses free places before it touches more.
/// </summary>
internal unsafe struct QuestionPool
{
    /// <summary>No question, waiter or connection.</summary>
    internal const int None = -1;

    private const int KeySize = DomainName.Longest + 3;

    private QuestionSlot* slots;
    private Waiter* waiters;
    private int* table; // the first question of a hash, plus 1
    private uint tableSize; // a power of two
    private KeyedHash hash;
    private int capacity;
    private int freeSlot;
    private int usedSlots;
    private int freeWaiter;
    private int usedWaiters;

    /// <summary>How many waiters there are.</summary>
    internal int Waiting { get; private set; }

    /// <summary>The memory that a number of waiters and as many questions need, in bytes, a multiple of 16.</summary>
    internal static nuint SizeOf(int most) =>
        ((nuint)most * (nuint)(sizeof(QuestionSlot) + sizeof(Waiter)) + TableSizeOf(most) * sizeof(int) + 15) & ~(nuint)15;

    /// <summary>Begins, in zeroed memory of the size that <see cref="SizeOf"/> returns.</summary>
    internal void Open(byte* memory, int most)
    {
        capacity = most;
        freeSlot = None;
        freeWaiter = None;
        tableSize = TableSizeOf(most);
        hash = KeyedHash.OfThisProcess();
        slots = (QuestionSlot*)memory;
        waiters = (Waiter*)(slots + most);
        table = (int*)(waiters + most);
    }

    private static uint TableSizeOf(int most)
    {
        uint size = 64;
        while (size < most)
            size *= 2;
        return size;
    }

    /// <summary>A question by its number. It doesn't move.</summary>
    internal readonly QuestionSlot* Slot(int number)
    {
        if ((uint)number >= (uint)usedSlots)
            Abandon.InternalInconsistency();
        return &slots[number];
    }

    /// <summary>A waiter by its number.</summary>
    internal readonly Waiter* WaiterOf(int number)
    {
        if ((uint)number >= (uint)usedWaiters)
            Abandon.InternalInconsistency();
        return &waiters[number];
    }

    /// <summary>The number of an equal question, or <see cref="None"/>.</summary>
    internal readonly int Find(ReadOnlySpan<byte> name, ushort type, QueryFlags flags)
    {
        int number = table[Place(name, type, flags)] - 1;
        while (number != None)
        {
            Question* question = &slots[number].Question;
            if (question->Type == type && question->Flags == flags && question->Name.Wire.SequenceEqual(name))
                return number;
            number = slots[number].NextWithHash - 1;
        }
        return None;
    }

    /// <summary>Takes a place for a new question. The caller makes sure that there is room.</summary>
    internal int Add()
    {
        int number = freeSlot;
        if (number == None)
            number = TakeUnused(ref usedSlots);
        else
            freeSlot = slots[number].NextInQueue;
        uint serial = slots[number].Serial;
        slots[number] = new QuestionSlot
        {
            Serial = serial,
            Socket = -1,
            Connection = None,
            NextOnConnection = None,
            PreviousOnConnection = None,
            NextInQueue = None,
            PreviousInQueue = None,
            FirstWaiter = None,
            LastWaiter = None,
        };
        return number;
    }

    /// <summary>From now on <see cref="Find"/> finds the question. Its name, type and flags must be set.</summary>
    internal readonly void Enter(int number)
    {
        Question* question = &slots[number].Question;
        int* first = &table[Place(question->Name.Wire, question->Type, question->Flags)];
        slots[number].NextWithHash = *first;
        *first = number + 1;
    }

    /// <summary>From now on <see cref="Find"/> doesn't find the question: it has its answer.</summary>
    internal readonly void Leave(int number)
    {
        Question* question = &slots[number].Question;
        int* link = &table[Place(question->Name.Wire, question->Type, question->Flags)];
        while (*link != number + 1)
            link = &slots[*link - 1].NextWithHash;
        *link = slots[number].NextWithHash;
    }

    /// <summary>Frees the place for another question.</summary>
    internal void Release(int number)
    {
        slots[number].NextInQueue = freeSlot;
        freeSlot = number;
    }

    /// <summary>Adds a waiter to a question, behind its other waiters. The caller makes sure that there is room.</summary>
    internal int AddWaiter(int question, ulong token)
    {
        int number = freeWaiter;
        if (number == None)
            number = TakeUnused(ref usedWaiters);
        else
            freeWaiter = waiters[number].Next;
        QuestionSlot* slot = Slot(question);
        waiters[number] = new Waiter { Token = token, Question = question, Next = None, Previous = slot->LastWaiter };
        if (slot->LastWaiter == None)
            slot->FirstWaiter = number;
        else
            waiters[slot->LastWaiter].Next = number;
        slot->LastWaiter = number;
        Waiting++;
        return number;
    }

    /// <summary>Removes a waiter. Returns whether its question has no waiter left.</summary>
    internal bool RemoveWaiter(int number)
    {
        Waiter waiter = *WaiterOf(number);
        QuestionSlot* slot = Slot(waiter.Question);
        if (waiter.Previous == None)
            slot->FirstWaiter = waiter.Next;
        else
            waiters[waiter.Previous].Next = waiter.Next;
        if (waiter.Next == None)
            slot->LastWaiter = waiter.Previous;
        else
            waiters[waiter.Next].Previous = waiter.Previous;
        waiters[number].Next = freeWaiter;
        freeWaiter = number;
        Waiting--;
        return slot->FirstWaiter == None;
    }

    private readonly int TakeUnused(ref int used)
    {
        if (used == capacity)
            Abandon.InternalInconsistency();
        return used++;
    }

    private readonly uint Place(ReadOnlySpan<byte> name, ushort type, QueryFlags flags)
    {
        Span<byte> key = stackalloc byte[KeySize];
        BigEndian.Write(key[..2], type);
        key[2] = (byte)flags;
        name.CopyTo(key[3..]);
        return (uint)hash.Of(key[..(name.Length + 3)]) & (tableSize - 1);
    }
}
