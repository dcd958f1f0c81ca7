using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using LocalService.Libc;
using Xunit;

namespace LocalService.Tests.Unit;

/// <summary>
/// The numbers and structures of src/Libc are those of the C headers, on both architectures. A C file with all of them is compiled for each, not run,
/// and its data is compared. For the differences between the two, arm64 has an assembly of its own.
/// </summary>
public sealed class LibcLayoutTests
{
    private const string Headers = """
        #include <dirent.h>
        #include <elf.h>
        #include <errno.h>
        #include <fcntl.h>
        #include <grp.h>
        #include <net/if.h>
        #include <netinet/in.h>
        #include <netinet/tcp.h>
        #include <poll.h>
        #include <pthread.h>
        #include <sched.h>
        #include <semaphore.h>
        #include <signal.h>
        #include <stddef.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <sys/auxv.h>
        #include <sys/epoll.h>
        #include <sys/file.h>
        #include <sys/ioctl.h>
        #include <sys/prctl.h>
        #include <sys/random.h>
        #include <sys/resource.h>
        #include <sys/signalfd.h>
        #include <sys/socket.h>
        #include <sys/stat.h>
        #include <sys/syscall.h>
        #include <sys/time.h>
        #include <sys/timerfd.h>
        #include <sys/uio.h>
        #include <sys/un.h>
        #include <sys/wait.h>
        #include <time.h>
        #include <unistd.h>

        """;

    // Types that have another name in C.
    private static readonly Dictionary<string, string> typesOfC = new()
    {
        ["dirent64"] = "struct dirent",
        ["Elf64_Phdr"] = "Elf64_Phdr",
        ["pthread_attr_t"] = "pthread_attr_t",
        ["sem_t"] = "sem_t",
        ["sigaction_t"] = "struct sigaction",
        ["sigset_t"] = "sigset_t",
    };

    // Numbers that C computes at run time, and one for which musl keeps the value of kernels before 5.4.
    private static readonly HashSet<string> incomparable = ["SIGRTMIN", "SIGRTMAX", "SOMAXCONN"];

    // Structures of the kernel alone that consist of fixed-width numbers: they are the same on every architecture.
    private static readonly HashSet<string> kernelTypes = ["open_how", "cap_user_header_t", "cap_user_data_t", "ktermios", "prctl_mm_map"];

    public static TheoryData<string, string, string> Architectures => new()
    {
        { typeof(libc).Assembly.Location, "gcc", "/usr/include/x86_64-linux-musl" },
        { Repository.PathOf("bin", "arm64", "assembly", "net10.0", "Multicall.dll"), "aarch64-linux-gnu-gcc", "/usr/include/aarch64-linux-musl" },
    };

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Numbers_are_those_of_C(string assembly, string compiler, string headers)
    {
        (string Name, long Value)[] numbers =
        [
            .. Libc(assembly).GetFields(BindingFlags.Static | BindingFlags.Public).Where(field => field.IsLiteral && !incomparable.Contains(field.Name))
                .Select(field => (field.Name, long.CreateTruncating(Convert.ToInt64(field.GetRawConstantValue(), null)))),
        ];
        string[] lines = [.. numbers.Select(number => $"#ifdef {number.Name}\n1, (unsigned)({number.Name}),\n#else\n0, 0,\n#endif")];
        ulong[] inC = CompiledValues.Of(compiler, headers, Headers, string.Join('\n', lines));

        Assert.Contains(numbers, number => number.Name == "SYS_openat2");
        string[] unknown = [.. numbers.Where((_, i) => inC[2 * i] == 0).Select(number => number.Name)];
        Assert.DoesNotContain(unknown, name => name.StartsWith("SYS_", StringComparison.Ordinal));
        Assert.Equal([], numbers.Where((number, i) => inC[2 * i] == 1 && (uint)number.Value != (uint)inC[(2 * i) + 1]).Select(number => number.Name));
        // Numbers that these headers lack belong to the kernel alone and are the same on both.
        Assert.InRange(unknown.Length, 0, numbers.Length / 10);
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Structures_are_those_of_C(string assembly, string compiler, string headers)
    {
        Type[] types = [.. Libc(assembly).GetNestedTypes(BindingFlags.Public).Where(type => type.IsValueType && !kernelTypes.Contains(type.Name))];
        var names = new List<string>();
        var ours = new List<ulong>();
        var lines = new List<string>();
        foreach (Type type in types)
        {
            string inC = typesOfC.GetValueOrDefault(type.Name, $"struct {type.Name}");
            FieldInfo[] fields = type.GetFields(BindingFlags.Instance | BindingFlags.Public);
            bool isOpaque = fields.Any(field => field.Name is "opaque" or "words");
            // An opaque structure only has to be large enough. C's dirent includes the name; ours doesn't.
            if (isOpaque)
                Add($"{type.Name} has room", 1, $"{Marshal.SizeOf(type)} >= sizeof({inC})");
            else if (type.Name != "dirent64")
                Add($"sizeof {type.Name}", Marshal.SizeOf(type), $"sizeof({inC})");
            foreach (FieldInfo field in isOpaque ? [] : fields)
                Add($"{type.Name}.{field.Name}", Marshal.OffsetOf(type, field.Name), $"offsetof({inC}, {field.Name})");
        }
        ulong[] expected = CompiledValues.Of(compiler, headers, Headers, string.Join(",\n", lines));

        Assert.Contains("stat.st_mode", names);
        Assert.Equal(names.Zip(expected, (name, value) => $"{name}: {value}"), names.Zip(ours, (name, value) => $"{name}: {value}"));

        void Add(string name, nint value, string expression)
        {
            names.Add(name);
            ours.Add((ulong)value);
            lines.Add(expression);
        }
    }

    private static Type Libc(string assembly) =>
        new AssemblyLoadContext(assembly).LoadFromAssemblyPath(assembly).GetType("LocalService.Libc.libc", throwOnError: true)!;
}
