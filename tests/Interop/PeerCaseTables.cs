using Xunit;

namespace LocalService.Tests.Interop;

// The same case tables against the C programs of Debian: they prove that the tables and the helpers are right.

/// <summary>Conventions that all programs share.</summary>
public sealed class PeerConventionCases
{
    [Theory, CaseData("conventions")]
    public void Row(int number, string title) => BashCase.Check(ProgramsUnderTest.Peer, "conventions", number, title);
}

/// <summary>The server.</summary>
public sealed class PeerServerCases
{
    [Theory, CaseData("server")]
    public void Row(int number, string title) => BashCase.Check(ProgramsUnderTest.Peer, "server", number, title);
}

/// <summary>The access gate, the compilers of its rules, the connection limit.</summary>
public sealed class PeerAccessCases
{
    [Theory, CaseData("access")]
    public void Row(int number, string title) => BashCase.Check(ProgramsUnderTest.Peer, "access", number, title);
}

/// <summary>The client.</summary>
public sealed class PeerClientCases
{
    [Theory, CaseData("client")]
    public void Row(int number, string title) => BashCase.Check(ProgramsUnderTest.Peer, "client", number, title);
}

/// <summary>Running a program as another user.</summary>
public sealed class PeerSudoCases
{
    [Theory, CaseData("sudo")]
    public void Row(int number, string title) => BashCase.Check(ProgramsUnderTest.Peer, "sudo", number, title);
}

/// <summary>The clients of the descriptor holder.</summary>
public sealed class PeerFdHolderCases
{
    [Theory, CaseData("fdholder")]
    public void Row(int number, string title) => BashCase.Check(ProgramsUnderTest.Peer, "fdholder", number, title);
}

/// <summary>The programs that precede the others in a chain.</summary>
public sealed class PeerCompanionCases
{
    [Theory, CaseData("companions")]
    public void Row(int number, string title) => BashCase.Check(ProgramsUnderTest.Peer, "companions", number, title);
}

/// <summary>Fifodirs, and the tools that wait for events.</summary>
public sealed class PeerEventCases
{
    [Theory, CaseData("ftrig")]
    public void Row(int number, string title) => BashCase.Check(ProgramsUnderTest.Peer, "ftrig", number, title);
}

/// <summary>Syslog.</summary>
public sealed class PeerSyslogCases
{
    [Theory, CaseData("syslog")]
    public void Row(int number, string title) => BashCase.Check(ProgramsUnderTest.Peer, "syslog", number, title);
}

/// <summary>Locks.</summary>
public sealed class PeerLockCases
{
    [Theory, CaseData("lock")]
    public void Row(int number, string title) => BashCase.Check(ProgramsUnderTest.Peer, "lock", number, title);
}
