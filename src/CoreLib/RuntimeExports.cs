using System;
using System.Runtime;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Internal.Runtime.CompilerHelpers
{
    /// <summary>The symbols that every compiled method boundary calls. There is no collector and no managed thread, so they do nothing.</summary>
    internal static class StartupCodeHelpers
    {
        [RuntimeExport("RhpReversePInvoke")]
        private static void ReversePInvoke(nint frame) { }

        [RuntimeExport("RhpReversePInvokeReturn")]
        private static void ReversePInvokeReturn(nint frame) { }

        [RuntimeExport("RhpFallbackFailFast")]
        private static void FallbackFailFast() => ThrowHelpers.Abort("fatal runtime error\n"u8);
    }

    /// <summary>ILC looks these up for a constant table; it replaces them by the table's address, and they are not linked.</summary>
    internal static class LdTokenHelpers
    {
        private static RuntimeTypeHandle GetRuntimeTypeHandle(nint token) => throw null!;
        private static RuntimeMethodHandle GetRuntimeMethodHandle(nint token) => throw null!;
        private static RuntimeFieldHandle GetRuntimeFieldHandle(nint token) => throw null!;
    }

    /// <summary>
    /// The methods that compiled code calls instead of throwing. Each reports the error and aborts: a wrong index never becomes a wrong write. The
    /// loops tell the compiler that a call doesn't return: it merges all such calls of a method and moves them behind the other code.
    /// </summary>
    internal static unsafe class ThrowHelpers
    {
        [RuntimeImport("write"), MethodImpl(MethodImplOptions.InternalCall)]
        private static extern nint write(int fd, void* buffer, nuint count);

        [RuntimeImport("abort"), MethodImpl(MethodImplOptions.InternalCall)]
        private static extern void abort();

        internal static void Abort(ReadOnlySpan<byte> message)
        {
            fixed (byte* text = message)
                write(2, text, (nuint)message.Length);
            abort();
        }

        internal static void ThrowIndexOutOfRangeException()
        {
            while (true)
                Abort("localservice: fatal: internal inconsistency: index out of range\n"u8);
        }

        internal static void ThrowOverflowException()
        {
            while (true)
                Abort("localservice: fatal: internal inconsistency: arithmetic overflow\n"u8);
        }

        internal static void ThrowDivideByZeroException()
        {
            while (true)
                Abort("localservice: fatal: internal inconsistency: division by zero\n"u8);
        }

        internal static void ThrowNullReferenceException()
        {
            while (true)
                Abort("localservice: fatal: internal inconsistency: null reference\n"u8);
        }

        internal static void ThrowPlatformNotSupportedException()
        {
            while (true)
                Abort("localservice: fatal: internal inconsistency: platform not supported\n"u8);
        }

        // ILC looks these up if the product uses a type or member that CoreLib lacks. Their parameters don't match, so that ILC
        // stops there and names the member: no missing member gets into the executable.
        internal static void ThrowMissingMethodException() { }
        internal static void ThrowMissingFieldException() { }
        internal static void ThrowTypeLoadException() { }
        internal static void ThrowTypeLoadExceptionWithArgument() { }
        internal static void ThrowInvalidProgramException() { }

        internal static void ThrowFeatureBodyRemoved() => Abort("localservice: fatal: internal inconsistency: feature removed\n"u8);
    }
}

namespace System.Runtime
{
    /// <summary>ILC needs the type; a cast that uses it fails at link time.</summary>
    internal static class TypeCast
    {
        private static object CheckCastAny() => throw null!;
        private static object CheckCastClass() => throw null!;
        private static object CheckCastClassSpecial() => throw null!;
        private static object CheckCastInterface() => throw null!;
        private static object IsInstanceOfAny() => throw null!;
        private static object IsInstanceOfClass() => throw null!;
        private static object IsInstanceOfException() => throw null!;
        private static object IsInstanceOfInterface() => throw null!;
        private static void StelemRef() => throw null!;
        private static void LdelemaRef() => throw null!;
    }
}

namespace System
{
    /// <summary>Copies, clears and fills memory for compiled code, unless the size is small and constant. Mostly libc's own functions.</summary>
    internal static unsafe class SpanHelpers
    {
        [RuntimeImport("memmove"), MethodImpl(MethodImplOptions.InternalCall)]
        private static extern void* memmove(void* destination, void* source, nuint byteCount);

        [RuntimeImport("memset"), MethodImpl(MethodImplOptions.InternalCall)]
        private static extern void* memset(void* destination, int value, nuint byteCount);

        // Up to this size, copying word by word takes less time than the start-up of the string instruction in musl.
        private const nuint LargestByWords = 128;

        // In all cases the data read last are read before any memory that they may overlap is written.
        internal static void Memmove(ref byte destination, ref byte source, nuint byteCount)
        {
            var to = (byte*)Unsafe.AsPointer(ref destination);
            var from = (byte*)Unsafe.AsPointer(ref source);
            if (byteCount > 2 * sizeof(ulong))
            {
                // An upward copy reads a source above the destination before it overwrites it.
                if (byteCount > LargestByWords || (nuint)to - (nuint)from < byteCount)
                {
                    memmove(to, from, byteCount);
                    return;
                }
                nuint last = byteCount - 2 * sizeof(ulong);
                ulong next = *(ulong*)(from + last);
                ulong end = *(ulong*)(from + last + sizeof(ulong));
                for (nuint done = 0; done < last; done += sizeof(ulong))
                    *(ulong*)(to + done) = *(ulong*)(from + done);
                *(ulong*)(to + last) = next;
                *(ulong*)(to + last + sizeof(ulong)) = end;
            }
            else if (byteCount >= sizeof(ulong))
            {
                ulong first = *(ulong*)from;
                ulong end = *(ulong*)(from + byteCount - sizeof(ulong));
                *(ulong*)to = first;
                *(ulong*)(to + byteCount - sizeof(ulong)) = end;
            }
            else if (byteCount >= sizeof(uint))
            {
                uint first = *(uint*)from;
                uint end = *(uint*)(from + byteCount - sizeof(uint));
                *(uint*)to = first;
                *(uint*)(to + byteCount - sizeof(uint)) = end;
            }
            else if (byteCount > 0)
            {
                byte first = *from;
                byte middle = from[byteCount / 2];
                byte end = from[byteCount - 1];
                *to = first;
                to[byteCount / 2] = middle;
                to[byteCount - 1] = end;
            }
        }

        private static void ClearWithoutReferences(ref byte destination, nuint byteCount) =>
            memset(Unsafe.AsPointer(ref destination), 0, byteCount);

        private static void Fill(ref byte destination, byte value, nuint byteCount) =>
            memset(Unsafe.AsPointer(ref destination), value, byteCount);
    }

    internal static class Buffer
    {
        // Without a collector a write needs no barrier.
        private static void BulkMoveWithWriteBarrier(ref byte destination, ref byte source, nuint byteCount) =>
            SpanHelpers.Memmove(ref destination, ref source, byteCount);
    }
}

namespace System.Runtime.CompilerServices
{
    internal static class ClassConstructorRunner { }
}
