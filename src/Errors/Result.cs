using LocalService.Libc;

namespace LocalService.Errors;

/// <summary>A value, or the error instead of it. Reading the value of a failure ends the process: it can't be used by accident.</summary>
internal readonly struct Result<T> where T : unmanaged
{
    private readonly T value;

    internal Result(T value) => this.value = value;

    internal Result(Errno error)
    {
        value = default;
        Error = error;
    }

    /// <summary>The error; its default when there is a value.</summary>
    internal Errno Error { get; }

    internal bool Failed => Error.Failed;

    /// <summary>The value. Reading the value of a failure is a bug in the program and ends it with exit code 101.</summary>
    internal T Value
    {
        get
        {
            if (Failed)
                Abandon.InternalInconsistency();
            return value;
        }
    }

    public static implicit operator Result<T>(T value) => new(value);

    public static implicit operator Result<T>(Errno error) => new(error);
}
