using Xunit;

namespace LocalService.Tests.EndToEnd;

// The case tables of the specification, each row a test. Each class is a collection of its own: the tables run in parallel.

/// <summary>Conventions that all programs share.</summary>
public sealed class ConventionCases
{
    [Theory, CaseData("conventions")]
    public void Row(int number, string title) => BashCase.Check(ProgramsUnderTest.Ours, "conventions", number, title);
}

/// <summary>The server.</summary>
public sealed class ServerCases
{
    [Theory, CaseData("server")]
    public void Row(int number, string title) => BashCase.Check(ProgramsUnderTest.Ours, "server", number, title);
}

/// <summary>The access gate, the compilers of its rules, the connection limit.</summary>
public sealed class AccessCases
{
    [Theory, CaseData("access")]
    public void Row(int number, string title) => BashCase.Check(ProgramsUnderTest.Ours, "access", number, title);
}

/// <summary>The client.</summary>
public sealed class ClientCases
{
    [Theory, CaseData("client")]
    public void Row(int number, string title) => BashCase.Check(ProgramsUnderTest.Ours, "client", number, title);
}

/// <summary>Running a program as another user.</summary>
public sealed class SudoCases
{
    [Theory, CaseData("sudo")]
    public void Row(int number, string title) => BashCase.Check(ProgramsUnderTest.Ours, "sudo", number, title);
}

/// <summary>The clients of the descriptor holder.</summary>
public sealed class FdHolderCases
{
    [Theory, CaseData("fdholder")]
    public void Row(int number, string title) => BashCase.Check(ProgramsUnderTest.Ours, "fdholder", number, title);
}

/// <summary>The programs that precede the others in a chain.</summary>
public sealed class CompanionCases
{
    [Theory, CaseData("companions")]
    public void Row(int number, string title) => BashCase.Check(ProgramsUnderTest.Ours, "companions", number, title);
}

/// <summary>Fifodirs, and the tools that wait for events.</summary>
public sealed class EventCases
{
    [Theory, CaseData("ftrig")]
    public void Row(int number, string title) => BashCase.Check(ProgramsUnderTest.Ours, "ftrig", number, title);
}

/// <summary>Syslog.</summary>
public sealed class SyslogCases
{
    [Theory, CaseData("syslog")]
    public void Row(int number, string title) => BashCase.Check(ProgramsUnderTest.Ours, "syslog", number, title);
}

/// <summary>Locks.</summary>
public sealed class LockCases
{
    [Theory, CaseData("lock")]
    public void Row(int number, string title) => BashCase.Check(ProgramsUnderTest.Ours, "lock", number, title);
}

/// <summary>The server, gate and client over TCP.</summary>
public sealed class TcpCases
{
    [Theory, CaseData("tcp")]
    public void Row(int number, string title) => BashCase.Check(ProgramsUnderTest.Ours, "tcp", number, title, ownNetwork: true);
}

/// <summary>Known behavior of ucspi-tcp that holds here too.</summary>
public sealed class UcspiCases
{
    [Theory, CaseData("ucspi")]
    public void Row(int number, string title) => BashCase.Check(ProgramsUnderTest.Ours, "ucspi", number, title, ownNetwork: true);
}
