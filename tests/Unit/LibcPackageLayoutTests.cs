using System;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using Xunit;

namespace LocalService.Tests.Unit;

/// <summary>The structures that come from Tmds.LibC have the sizes and offsets that C gives them, on both architectures.</summary>
public sealed class LibcPackageLayoutTests
{
    private const string Headers = "#include <fcntl.h>\n#include <poll.h>\n#include <stddef.h>\n";

    [Theory]
    [InlineData("linux-x64", "gcc", "/usr/include/x86_64-linux-musl", "pollfd", "fd events revents")]
    [InlineData("linux-x64", "gcc", "/usr/include/x86_64-linux-musl", "flock", "l_type l_whence l_start l_len l_pid")]
    [InlineData("linux-arm64", "aarch64-linux-gnu-gcc", "/usr/include/aarch64-linux-musl", "pollfd", "fd events revents")]
    [InlineData("linux-arm64", "aarch64-linux-gnu-gcc", "/usr/include/aarch64-linux-musl", "flock", "l_type l_whence l_start l_len l_pid")]
    public void A_structure_has_the_layout_of_C(string platform, string compiler, string headers, string structure, string fields)
    {
        string[] names = fields.Split(' ');
        string offsets = string.Concat(names.Select(name => $", offsetof(struct {structure}, {name})"));
        ulong[] expected = CompiledValues.Of(compiler, headers, Headers, $"sizeof(struct {structure}){offsets}");

        var context = new AssemblyLoadContext(platform);
        Type type = context.LoadFromAssemblyPath(Path.Combine(AppContext.BaseDirectory, "runtimes", platform, "lib", "netstandard2.0", "Tmds.LibC.dll"))
            .GetType("Tmds.Linux." + structure, throwOnError: true)!;

        ulong[] actual = [(ulong)Marshal.SizeOf(type), .. names.Select(name => (ulong)Marshal.OffsetOf(type, FieldOf(type, name)))];
        Assert.Equal(expected, actual);
    }

    /// <summary>Some are public properties with a compiler-generated backing field.</summary>
    private static string FieldOf(Type type, string name) =>
        type.GetField(name, BindingFlags.Instance | BindingFlags.Public) is null ? $"<{name}>k__BackingField" : name;
}
