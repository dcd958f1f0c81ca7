using System;
using System.Buffers.Binary;
using System.Diagnostics;
using System.IO;
using System.Linq;
using Xunit;

namespace LocalService.Tests.Unit;

/// <summary>Numbers and structures as C defines them: the initial values in a file that is compiled for a machine, but not run.</summary>
internal static class CompiledValues
{
    /// <summary>The values of an initializer, of 64 bits each.</summary>
    /// <param name="compiler">The compiler, a gcc.</param>
    /// <param name="headers">The only folder in which it looks for headers.</param>
    /// <param name="preamble">The beginning of the file.</param>
    /// <param name="values">The values, with commas between them.</param>
    internal static ulong[] Of(string compiler, string headers, string preamble, string values)
    {
        string directory = Directory.CreateTempSubdirectory().FullName;
        try
        {
            File.WriteAllText(Path.Combine(directory, "values.c"), $"{preamble}\nunsigned long long values[] = {{\n{values}\n}};\n");
            Run(compiler, ["-nostdinc", "-isystem", headers, "-D_GNU_SOURCE", "-w", "-c", "values.c"], directory);
            Run(compiler.Replace("gcc", "objcopy"), ["-O", "binary", "-j", ".data", "values.o", "values"], directory);
            return [.. File.ReadAllBytes(Path.Combine(directory, "values")).Chunk(sizeof(ulong)).Select(word => BinaryPrimitives.ReadUInt64LittleEndian(word))];
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static void Run(string program, string[] arguments, string directory)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = directory, RedirectStandardError = true })!;
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors);
    }
}
