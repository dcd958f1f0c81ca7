using System.Collections.Generic;

namespace LocalService.Tests;

/// <summary>What a case expects: lines as the case files write them, and the exit code.</summary>
/// <param name="Output">The lines on descriptor 1.</param>
/// <param name="Error">The lines on descriptor 2.</param>
/// <param name="ExitCode">The exit code.</param>
public sealed record CaseExpectation(IReadOnlyList<string> Output, IReadOnlyList<string> Error, int ExitCode);

/// <summary>A row of a case table.</summary>
/// <param name="Number">Its number in the specification.</param>
/// <param name="Title">What the row shows.</param>
/// <param name="Script">The bash commands.</param>
/// <param name="Ours">What this project's programs do.</param>
/// <param name="Peer">What the C programs of Debian's s6 2.11 do.</param>
public sealed record CaseRow(int Number, string Title, string Script, CaseExpectation Ours, CaseExpectation Peer);
