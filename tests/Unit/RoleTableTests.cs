using LocalService.CommandLine;
using Xunit;

namespace LocalService.Tests.Unit;

public sealed class RoleTableTests
{
    [Fact]
    public void Every_role_is_found_by_both_of_its_names()
    {
        int roles = 0;
        for (; RoleTable.TryAt(roles, out Role role); roles++)
        {
            // Fails when the name in the table differs from the name in the role's file.
            Assert.True(RoleTable.TryFind(role.Program, out Role byProgram), role.Program.ToText());
            Assert.Equal(role.Program.ToText(), byProgram.Program.ToText());
            Assert.True(RoleTable.TryFind(role.Name, out Role byName), role.Name.ToText());
            Assert.Equal(role.Program.ToText(), byName.Program.ToText());
        }
        Assert.NotEqual(0, roles);
    }

    [Theory]
    [InlineData("")]
    [InlineData("s6-")]
    [InlineData("ipcserve")]
    [InlineData("ipcserverd2")]
    [InlineData("s6-s6-ipcserverd")]
    [InlineData("s7-ipcserverd")]
    public void Another_name_is_no_role(string name) => Assert.False(RoleTable.TryFind(name.ToBytes(), out _));
}
