using System.Runtime.CompilerServices;

namespace System;

/// <summary>A bounds-checked view of contiguous memory. An index outside of it aborts the process.</summary>
public readonly ref struct Span<T>
{
    private readonly ref T reference;
    private readonly int length;

    public unsafe Span(void* pointer, int length)
    {
        if (length < 0)
            Internal.Runtime.CompilerHelpers.ThrowHelpers.ThrowIndexOutOfRangeException();
        reference = ref Unsafe.AsRef<T>(pointer);
        this.length = length;
    }

    public Span(ref T reference)
    {
        this.reference = ref reference;
        length = 1;
    }

    internal Span(ref T reference, int length)
    {
        this.reference = ref reference;
        this.length = length;
    }

    public static Span<T> Empty => default;

    public int Length => length;
    public bool IsEmpty => length == 0;

    public ref T this[int index]
    {
        [Intrinsic]
        get
        {
            if ((uint)index >= (uint)length)
                Internal.Runtime.CompilerHelpers.ThrowHelpers.ThrowIndexOutOfRangeException();
            return ref Unsafe.Add(ref reference, index);
        }
    }

    public Span<T> Slice(int start)
    {
        if ((uint)start > (uint)length)
            Internal.Runtime.CompilerHelpers.ThrowHelpers.ThrowIndexOutOfRangeException();
        return new Span<T>(ref Unsafe.Add(ref reference, start), length - start);
    }

    public Span<T> Slice(int start, int length)
    {
        if ((uint)start > (uint)this.length || (uint)length > (uint)(this.length - start))
            Internal.Runtime.CompilerHelpers.ThrowHelpers.ThrowIndexOutOfRangeException();
        return new Span<T>(ref Unsafe.Add(ref reference, start), length);
    }

    public void CopyTo(Span<T> destination) => ((ReadOnlySpan<T>)this).CopyTo(destination);

    public void Clear()
    {
        for (int i = 0; i < length; i++)
            Unsafe.Add(ref reference, i) = default!;
    }

    public void Fill(T value)
    {
        for (int i = 0; i < length; i++)
            Unsafe.Add(ref reference, i) = value;
    }

    public ref T GetPinnableReference() => ref reference;

    public Enumerator GetEnumerator() => new(this);

    public ref struct Enumerator
    {
        private readonly Span<T> span;
        private int index;

        internal Enumerator(Span<T> span)
        {
            this.span = span;
            index = -1;
        }

        public readonly ref T Current => ref span[index];

        public bool MoveNext() => ++index < span.Length;
    }

    public static implicit operator ReadOnlySpan<T>(Span<T> span) => new(ref span.reference, span.length);
}

/// <summary>A bounds-checked read-only view of contiguous memory. An index outside of it aborts the process.</summary>
public readonly ref struct ReadOnlySpan<T>
{
    private readonly ref T reference;
    private readonly int length;

    public unsafe ReadOnlySpan(void* pointer, int length)
    {
        if (length < 0)
            Internal.Runtime.CompilerHelpers.ThrowHelpers.ThrowIndexOutOfRangeException();
        reference = ref Unsafe.AsRef<T>(pointer);
        this.length = length;
    }

    // The compiler binds u8 literals and constant arrays to these two and emits the pointer constructor or CreateSpan instead.
    public ReadOnlySpan(T[] array, int start, int length) => throw null!;
    public ReadOnlySpan(T[] array) => throw null!;

    public ReadOnlySpan(ref readonly T reference)
    {
        this.reference = ref Unsafe.AsRef(in reference);
        length = 1;
    }

    internal ReadOnlySpan(ref T reference, int length)
    {
        this.reference = ref reference;
        this.length = length;
    }

    public static ReadOnlySpan<T> Empty => default;

    public int Length => length;
    public bool IsEmpty => length == 0;

    public ref readonly T this[int index]
    {
        [Intrinsic]
        get
        {
            if ((uint)index >= (uint)length)
                Internal.Runtime.CompilerHelpers.ThrowHelpers.ThrowIndexOutOfRangeException();
            return ref Unsafe.Add(ref reference, index);
        }
    }

    public ReadOnlySpan<T> Slice(int start)
    {
        if ((uint)start > (uint)length)
            Internal.Runtime.CompilerHelpers.ThrowHelpers.ThrowIndexOutOfRangeException();
        return new ReadOnlySpan<T>(ref Unsafe.Add(ref reference, start), length - start);
    }

    public ReadOnlySpan<T> Slice(int start, int length)
    {
        if ((uint)start > (uint)this.length || (uint)length > (uint)(this.length - start))
            Internal.Runtime.CompilerHelpers.ThrowHelpers.ThrowIndexOutOfRangeException();
        return new ReadOnlySpan<T>(ref Unsafe.Add(ref reference, start), length);
    }

    public void CopyTo(Span<T> destination)
    {
        if ((uint)length > (uint)destination.Length)
            Internal.Runtime.CompilerHelpers.ThrowHelpers.ThrowIndexOutOfRangeException();
        Unsafe.CopyBlock(
            ref Unsafe.As<T, byte>(ref destination.GetPinnableReference()),
            ref Unsafe.As<T, byte>(ref reference),
            (uint)length * (uint)Unsafe.SizeOf<T>());
    }

    public ref readonly T GetPinnableReference() => ref reference;

    public Enumerator GetEnumerator() => new(this);

    public ref struct Enumerator
    {
        private readonly ReadOnlySpan<T> span;
        private int index;

        internal Enumerator(ReadOnlySpan<T> span)
        {
            this.span = span;
            index = -1;
        }

        public readonly ref readonly T Current => ref span[index];

        public bool MoveNext() => ++index < span.Length;
    }
}
