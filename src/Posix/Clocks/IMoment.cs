namespace LocalService.Posix;

/// <summary>A moment of some clock, in steps of a nanosecond.</summary>
/// <typeparam name="TMoment">The type itself.</typeparam>
internal interface IMoment<TMoment>
{
    /// <summary>Whether it comes before another one.</summary>
    bool IsBefore(TMoment other);

    /// <summary>Whether both are the same nanosecond.</summary>
    bool Equals(TMoment other);

    /// <summary>A later moment.</summary>
    TMoment PlusNanoseconds(uint count);
}
