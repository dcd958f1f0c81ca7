using System.Runtime.InteropServices;

namespace LocalService.Bench.Types;

/// <summary>Texts in the form that the product takes. They are never freed: a measurement has only a few.</summary>
internal static unsafe class NativeText
{
    internal static byte* Of(string text) => (byte*)Marshal.StringToCoTaskMemUTF8(text);

    /// <summary>A list that a null pointer ends.</summary>
    internal static byte** ListOf(params string[] texts)
    {
        var list = (byte**)NativeMemory.AllocZeroed((nuint)texts.Length + 1, (nuint)sizeof(byte*));
        for (int i = 0; i < texts.Length; i++)
            list[i] = Of(texts[i]);
        return list;
    }
}
