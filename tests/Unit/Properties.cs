using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using LocalService.Memory;

namespace LocalService.Tests.Unit;

/// <summary>Checks properties, and generates inputs for the product's formats.</summary>
internal static class Properties
{
    /// <summary>Checks that a property holds for generated values. A counterexample fails the test and is shown.</summary>
    internal static void ForAll<T>(Gen<T> values, Action<T> check, int runs = 2000) =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(runs), Prop.ForAll(values.ToArbitrary(), check));

    /// <summary>Checks that a property holds for generated pairs.</summary>
    internal static void ForAll<T1, T2>(Gen<T1> first, Gen<T2> second, Action<T1, T2> check, int runs = 2000) =>
        ForAll(Gen.Zip(first, second), pair => check(pair.Item1, pair.Item2), runs);

    /// <summary>Texts of a length up to a limit, over few characters, so that interesting combinations are frequent.</summary>
    internal static Gen<string> Text(string alphabet, int longest) =>
        Gen.Choose(0, longest).SelectMany(length => Gen.ArrayOf(Gen.Elements(alphabet.ToCharArray()), length)).Select(characters => new string(characters));

    /// <summary>Lists of a length up to a limit.</summary>
    internal static Gen<T[]> List<T>(Gen<T> elements, int longest) =>
        Gen.Choose(0, longest).SelectMany(length => Gen.ArrayOf(elements, length));

    /// <summary>Any bytes, 0 included.</summary>
    internal static Gen<byte[]> Bytes(int longest) => List(Gen.Choose(0, 255).Select(value => (byte)value), longest);

    /// <summary>One character per byte, as the product's texts have no encoding.</summary>
    internal static byte[] ToBytes(this string text) => Encoding.Latin1.GetBytes(text);

    /// <summary>One byte per character.</summary>
    internal static string ToText(this ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);

    /// <summary>The texts of a list of C strings.</summary>
    internal static unsafe string[] ToTexts(byte** list)
    {
        var texts = new List<string>();
        for (; *list != null; list++)
            texts.Add(Memory.Bytes.OfC(*list).ToText());
        return [.. texts];
    }

    /// <summary>A list of C strings, ended by a null pointer, that stays where it is until the process ends.</summary>
    internal static unsafe byte** ToNativeList(IEnumerable<string> texts)
    {
        string[] all = [.. texts];
        byte** list = Memory.Arena.AllocatePointers(all.Length + 1);
        foreach ((int index, string text) in all.Index())
            list[index] = Memory.Arena.CString(text.ToBytes());
        return list;
    }
}
