namespace System;

#pragma warning disable CS0169 // the fields are the values themselves; the compiler reads them by intrinsic knowledge

public class Object
{
    // The object header that the compiler lays out; no object is ever allocated.
    private nint methodTable;

    public Object() { }
    public virtual bool Equals(object? other) => ReferenceEquals(this, other);
    public virtual int GetHashCode() => 0;
    public virtual string? ToString() => null;
    public static bool ReferenceEquals(object? left, object? right) => left == right;
}

public abstract class ValueType { }

public abstract class Enum : ValueType { }

public struct Void { }

public struct Boolean { private bool value; }

public struct Char { private char value; }

public struct SByte { private sbyte value; }

public struct Byte
{
    private byte value;
    public const byte MaxValue = 255;
}

public struct Int16 { private short value; }

public struct UInt16
{
    private ushort value;
    public const ushort MaxValue = 65535;
}

public struct Int32
{
    private int value;
    public const int MaxValue = 0x7FFFFFFF;
    public const int MinValue = -MaxValue - 1;
}

public struct UInt32
{
    private uint value;
    public const uint MaxValue = 0xFFFFFFFF;
}

public struct Int64
{
    private long value;
    public const long MaxValue = 0x7FFFFFFFFFFFFFFF;
    public const long MinValue = -MaxValue - 1;
}

public struct UInt64
{
    private ulong value;
    public const ulong MaxValue = 0xFFFFFFFFFFFFFFFF;
}

public struct IntPtr { private nint value; }

public struct UIntPtr
{
    private nuint value;
    public static nuint MaxValue => unchecked((nuint)ulong.MaxValue);
}

public struct Single { private float value; }

public struct Double { private double value; }

public abstract class Array { }

public class Array<T> : Array { }

public sealed class String
{
    private readonly int length;
    private readonly char firstCharacter;

    public int Length => length;
}

public abstract class Delegate { }

public abstract class MulticastDelegate : Delegate { }

public class Exception { }

public class Attribute { }

public sealed class AttributeUsageAttribute : Attribute
{
    public AttributeUsageAttribute(AttributeTargets validOn) { }
    public bool AllowMultiple { get; set; }
    public bool Inherited { get; set; }
}

public enum AttributeTargets { All = 0x7FFF }

public sealed class ParamArrayAttribute : Attribute { }

public sealed class ObsoleteAttribute : Attribute
{
    public ObsoleteAttribute(string? message, bool error) { }
}

public sealed class FlagsAttribute : Attribute { }

public sealed class CLSCompliantAttribute : Attribute
{
    public CLSCompliantAttribute(bool isCompliant) { }
}

public struct RuntimeTypeHandle { private nint value; }

public struct RuntimeMethodHandle { private nint value; }

public struct RuntimeFieldHandle { private nint value; }

public class Type { }

public class RuntimeType : Type { }

public struct Nullable<T> where T : struct
{
    private readonly bool hasValue;
    private readonly T value;

    public Nullable(T value)
    {
        this.value = value;
        hasValue = true;
    }

    public readonly bool HasValue => hasValue;
    public readonly T GetValueOrDefault() => value;
}

public interface IEquatable<T>
{
    bool Equals(T other);
}

public interface IDisposable
{
    void Dispose();
}
