using System;
using System.Linq;
using System.Runtime.InteropServices;
using LocalService.Errors;
using Xunit;

namespace LocalService.Tests.Unit;

public sealed partial class ErrnoTextTests
{
    public static TheoryData<int> Numbers => [.. Enumerable.Range(0, 134)];

    [Theory, MemberData(nameof(Numbers))]
    public void Agrees_with_the_C_library(int number) =>
        Assert.Equal(Marshal.PtrToStringUTF8(strerrordesc_np(number)) ?? "Unknown error", ErrnoText.Of(number).ToText());

    [Theory]
    [InlineData(-1)]
    [InlineData(134)]
    [InlineData(4095)]
    [InlineData(int.MinValue)]
    [InlineData(int.MaxValue)]
    public void Other_numbers_are_unknown(int number) => Assert.Equal("Unknown error", ErrnoText.Of(number).ToText());

    // Untranslated, unlike strerror(3).
    [LibraryImport("libc")]
    private static partial IntPtr strerrordesc_np(int number);
}
