using Xunit;

namespace LocalService.Tests.Interop;

// Each part of the toolkit, with the C programs for all other parts: it has to behave as its table says, whatever its peer is.

/// <summary>Our server, C gates and clients.</summary>
public sealed class OurServerCases
{
    // 57 and 58: the C client interprets the empty path and abstract names differently.
    [Theory, CaseData("server", Except = [57, 58])]
    public void Row(int number, string title) => BashCase.Check(ProgramsUnderTest.OurServer, "server", number, title);
}

/// <summary>Our gates and compilers, C servers and clients.</summary>
public sealed class OurAccessCases
{
    [Theory, CaseData("access")]
    public void Row(int number, string title) => BashCase.Check(ProgramsUnderTest.OurAccess, "access", number, title);
}

/// <summary>Our client, C servers and gates.</summary>
public sealed class OurClientCases
{
    [Theory, CaseData("client")]
    public void Row(int number, string title) => BashCase.Check(ProgramsUnderTest.OurClient, "client", number, title);
}

/// <summary>Our sudod under our server, C sudo and client.</summary>
public sealed class OurSudoServerCases
{
    // Rows about the client, where the C client differs.
    [Theory, CaseData("sudo", Except = [6, 7, 21, 22, 25, 33, 34, 35])]
    public void Row(int number, string title) => BashCase.Check(ProgramsUnderTest.OurSudoServer, "sudo", number, title);
}

/// <summary>Our sudo and client, C sudod under a C server.</summary>
public sealed class OurSudoClientCases
{
    // Rows about sudod, where the C sudod differs.
    [Theory, CaseData("sudo", Except = [17, 20, 26, 29, 35])]
    public void Row(int number, string title) => BashCase.Check(ProgramsUnderTest.OurSudoClient, "sudo", number, title);
}

/// <summary>Our descriptor holder, C clients.</summary>
public sealed class OurHolderCases
{
    // Rows about the clients, where the C clients differ.
    [Theory, CaseData("fdholder", Except = [12, 29, 31, 38, 39, 42])]
    public void Row(int number, string title) => BashCase.Check(ProgramsUnderTest.OurHolder, "fdholder", number, title);
}

/// <summary>Our clients of a descriptor holder, the C holder.</summary>
public sealed class OurHolderClientCases
{
    [Theory, CaseData("fdholder")]
    public void Row(int number, string title) => BashCase.Check(ProgramsUnderTest.OurHolderClients, "fdholder", number, title);
}
