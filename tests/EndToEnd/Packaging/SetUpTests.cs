using Xunit;

namespace LocalService.Tests.EndToEnd.Packaging;

/// <summary><c>./build.sh setup</c> with something missing: it installs it, or names the one command that does.</summary>
public sealed class SetUpTests
{
    // A PATH with only the named tools and substitutes for others, and another /etc/os-release while a command runs.
    private static string Bare => $$"""
        build={{Repository.PathOf("build.sh")}}
        mkdir bin
        for tool in bash dirname env id cat grep sed awk; do ln -s "$(command -v $tool)" bin/; done
        pretend() { printf '#!/bin/bash\n%s\n' "$2" >bin/$1 && chmod +x bin/$1; }
        setup() {
            echo "$1" >release
            unshare --mount bash -c 'mount --bind release /etc/os-release && PATH=$PWD/bin && exec "$1" setup' bash $build 2>&1 | sed 's/: .*\(dnf install\|apk add\|pacman -S\).*/: \1/'
        }

        """;

    [Theory]
    [InlineData("ID=fedora", "dnf install")]
    [InlineData("ID=alpine", "apk add")]
    [InlineData("ID_LIKE=arch", "pacman -S")]
    public void Other_systems_are_told_their_packages(string release, string command) => Script.Expect(
        Bare + $"setup {release}",
        $"build.sh: {command}");

    [Fact]
    public void The_compiler_comes_from_a_package_source_that_has_it() => Script.Expect(
        Bare +
        """
        ln -s "$(command -v dpkg-query)" bin/
        pretend apt-cache 'exit 0'
        pretend apt-get 'for word; do case $word in dotnet-*) echo "$word came" >&2 ;; esac; done'
        setup ID=debian | grep came
        """,
        "dotnet-sdk-10.0 came");

    [Fact]
    public void Else_the_command_is_named_that_brings_it() => Script.Expect(
        Bare +
        """
        ln -s "$(command -v dpkg-query)" bin/
        pretend apt-cache 'exit 100'
        pretend apt-get 'exit 0'
        setup ID=debian | grep -o 'dotnet-install.sh | bash -s -- --channel 10.0'
        """,
        "dotnet-install.sh | bash -s -- --channel 10.0");
}
