using System;
using System.IO;
using System.Threading;

namespace LocalService.Tests;

/// <summary>
/// Checks of the C programs alone, which show that the case tables tell the truth. The rows are those of the specification, and many pause for as long
/// as other processes should take. On a busy machine that is sometimes too short. Such a check gets three attempts; this project's programs get one.
/// Failed attempts are kept beside the results, and the totals tell how many there were.
/// </summary>
public static class Attempts
{
    private const int Most = 3;

    private static readonly Lock records = new();

    /// <summary>Repeats a check until it passes. If the last attempt fails, the test fails with its error.</summary>
    /// <param name="title">What is checked.</param>
    /// <param name="check">The check, which throws when it fails and leaves nothing behind.</param>
    public static void Of(string title, Action check)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                check();
                return;
            }
#pragma warning disable CA1031 // every failure is recorded
            catch (Exception failure) when (attempt < Most)
#pragma warning restore CA1031
            {
                Record($"{title}: attempt {attempt}:\n{failure.Message}\n");
            }
        }
    }

    private static void Record(string text)
    {
        string folder = Directory.CreateDirectory(Repository.PathOf("obj", "test-results")).FullName;
        lock (records)
            File.AppendAllText(Path.Combine(folder, $"attempts.{Environment.ProcessId}"), text);
    }
}
