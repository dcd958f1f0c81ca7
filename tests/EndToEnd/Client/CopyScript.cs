namespace LocalService.Tests.EndToEnd.Client;

/// <summary>A test of ioconnect written in Python, with the functions of <c>Tools/ioconnect_ends.py</c>.</summary>
internal static class CopyScript
{
    /// <summary>Runs statements and compares what they print.</summary>
    internal static void Expect(string python, string output) => Script.Expect(
        $"""
        cat >copy.py <<'END'
        from ioconnect_ends import *
        {python}
        END
        PYTHONPATH=$(dirname "$(command -v withsocket)") python3 -B copy.py
        """,
        output);
}
