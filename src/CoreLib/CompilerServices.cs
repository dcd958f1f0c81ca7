// The attributes and intrinsics that the C# compiler looks up by name. Where ILC replaces a body, the one here never runs.
namespace System.Runtime.CompilerServices
{
    [AttributeUsage(AttributeTargets.All)]
    internal sealed class IntrinsicAttribute : Attribute { }

    public enum MethodImplOptions
    {
        NoInlining = 8,
        AggressiveInlining = 256,
        InternalCall = 4096,
    }

    public sealed class MethodImplAttribute : Attribute
    {
        public MethodImplAttribute(MethodImplOptions options) { }
    }

    public sealed class IsReadOnlyAttribute : Attribute { }
    public sealed class IsByRefLikeAttribute : Attribute { }
    public sealed class IsUnmanagedAttribute : Attribute { }
    public sealed class ScopedRefAttribute : Attribute { }
    public sealed class RefSafetyRulesAttribute : Attribute { public RefSafetyRulesAttribute(int version) { } }
    public sealed class NullableAttribute : Attribute { public NullableAttribute(byte flag) { } public NullableAttribute(byte[] flags) { } }
    public sealed class NullableContextAttribute : Attribute { public NullableContextAttribute(byte flag) { } }
    public sealed class NullablePublicOnlyAttribute : Attribute { public NullablePublicOnlyAttribute(bool includesInternals) { } }
    public sealed class CompilerGeneratedAttribute : Attribute { }
    public sealed class UnsafeValueTypeAttribute : Attribute { }
    public sealed class FixedBufferAttribute : Attribute { public FixedBufferAttribute(Type elementType, int length) { } }
    public sealed class InlineArrayAttribute : Attribute { public InlineArrayAttribute(int length) { } }
    public sealed class SkipLocalsInitAttribute : Attribute { }
    public sealed class CompilerFeatureRequiredAttribute : Attribute { public CompilerFeatureRequiredAttribute(string featureName) { } }
    public sealed class ExtensionAttribute : Attribute { }
    public sealed class DecimalConstantAttribute : Attribute { }
    public sealed class CompilationRelaxationsAttribute : Attribute { public CompilationRelaxationsAttribute(int relaxations) { } }
    public sealed class RuntimeCompatibilityAttribute : Attribute { public bool WrapNonExceptionThrows { get; set; } }
    public sealed class InternalsVisibleToAttribute : Attribute { public InternalsVisibleToAttribute(string assemblyName) { } }
    public sealed class RequiresLocationAttribute : Attribute { }
    public sealed class PreserveBaseOverridesAttribute : Attribute { }

    [AttributeUsage(AttributeTargets.All, AllowMultiple = true)]
    public sealed class TypeForwardedToAttribute : Attribute { public TypeForwardedToAttribute(Type destination) { } }

    public static class IsExternalInit { }
    public static class IsVolatile { }
    public static class IsConst { }

    public static class RuntimeFeature
    {
        public const string UnmanagedSignatureCallingConvention = nameof(UnmanagedSignatureCallingConvention);
        public const string ByRefFields = nameof(ByRefFields);
        public const string VirtualStaticsInInterfaces = nameof(VirtualStaticsInInterfaces);
        public const string DefaultImplementationsOfInterfaces = nameof(DefaultImplementationsOfInterfaces);
        public const string NumericIntPtr = nameof(NumericIntPtr);
        public const string ByRefLikeGenerics = nameof(ByRefLikeGenerics);
    }

    public class CallConvCdecl { }
    public class CallConvSuppressGCTransition { }

    /// <summary>Constant data in the image, which <c>ReadOnlySpan&lt;T&gt;</c> initializers read in place.</summary>
    public static class RuntimeHelpers
    {
        [Intrinsic]
        public static unsafe ReadOnlySpan<T> CreateSpan<T>(RuntimeFieldHandle field) => throw null!;

        public static int OffsetToStringData => 12;
    }

    public static unsafe class Unsafe
    {
        [Intrinsic] public static ref T AsRef<T>(void* source) => throw null!;
        [Intrinsic] public static ref T AsRef<T>(scoped ref readonly T source) => throw null!;
        [Intrinsic] public static ref TTo As<TFrom, TTo>(ref TFrom source) => throw null!;
        [Intrinsic] public static ref T Add<T>(ref T source, int elementOffset) => throw null!;
        [Intrinsic] public static int SizeOf<T>() => throw null!;
        [Intrinsic] public static void* AsPointer<T>(ref readonly T value) => throw null!;
        [Intrinsic] public static void CopyBlock(ref byte destination, ref readonly byte source, uint byteCount) => throw null!;
    }
}

namespace System.Reflection
{
    public sealed class DefaultMemberAttribute : Attribute
    {
        public DefaultMemberAttribute(string memberName) { }
    }
}

namespace System.Diagnostics
{
    public sealed class DebuggableAttribute : Attribute
    {
        public DebuggableAttribute(DebuggingModes modes) { }

        public enum DebuggingModes { Default = 1 }
    }
}

namespace System.Diagnostics.CodeAnalysis
{
    public sealed class UnscopedRefAttribute : Attribute { }
    public sealed class DoesNotReturnAttribute : Attribute { }
    public sealed class SuppressMessageAttribute : Attribute
    {
        public SuppressMessageAttribute(string category, string checkId) { }
        public string? Justification { get; set; }
    }
}

namespace System.Runtime.InteropServices
{
    public enum LayoutKind { Sequential = 0, Explicit = 2, Auto = 3 }

    public enum CharSet { None = 1, Ansi = 2, Unicode = 3, Auto = 4 }

    public enum CallingConvention { Winapi = 1, Cdecl = 2 }

    public sealed class StructLayoutAttribute : Attribute
    {
        public StructLayoutAttribute(LayoutKind layoutKind) { }
        public int Size;
        public int Pack;
        public CharSet CharSet;
    }

    public sealed class FieldOffsetAttribute : Attribute
    {
        public FieldOffsetAttribute(int offset) { }
    }

    public sealed class DllImportAttribute : Attribute
    {
        public DllImportAttribute(string dllName) { }
        public string? EntryPoint;
        public bool ExactSpelling;
        public bool SetLastError;
        public CallingConvention CallingConvention;
    }

    public sealed class SuppressGCTransitionAttribute : Attribute { }

    public sealed class UnmanagedCallersOnlyAttribute : Attribute
    {
        public string? EntryPoint;
        public Type[]? CallConvs;
    }

    public sealed class InAttribute : Attribute { }
    public sealed class OutAttribute : Attribute { }

    /// <summary>Tmds.LibC refers to it in a property that isn't used here: the product reads libc's own errno.</summary>
    public static class Marshal
    {
        public static int GetLastWin32Error() => throw null!;
    }

    /// <summary>ILC looks it up when it searches for casts through this interface; no type here implements it.</summary>
    public interface IDynamicInterfaceCastable
    {
        RuntimeTypeHandle GetInterfaceImplementation(RuntimeTypeHandle interfaceType);

        internal static nint GetDynamicInterfaceImplementation(IDynamicInterfaceCastable instance) => throw null!;
    }
}

namespace System.Runtime.Versioning
{
    public sealed class TargetFrameworkAttribute : Attribute
    {
        public TargetFrameworkAttribute(string frameworkName) { }
        public string? FrameworkDisplayName { get; set; }
    }
}

namespace System.Runtime
{
    /// <summary>Gives a method a C symbol name for calls from compiled code.</summary>
    public sealed class RuntimeExportAttribute : Attribute
    {
        public RuntimeExportAttribute(string entry) { }
    }

    public sealed class RuntimeImportAttribute : Attribute
    {
        public RuntimeImportAttribute(string entry) { }
    }
}
