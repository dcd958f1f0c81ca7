using System;
using LocalService.CommandLine;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Server;

/// <summary>
/// The environment of the children. It is put together once for each thread; for each connection only the values are written into their
/// places. Specification "server", section 4.4.
/// </summary>
internal unsafe struct ConnectionEnvironment
{
    private const int MostPlaces = 8;

    private EnvironmentBlock environment;
    private fixed ulong values[MostPlaces]; // pointers
    private fixed int sizes[MostPlaces];

    /// <param name="start">The environment of the server.</param>
    /// <param name="protocol">The value of PROTO.</param>
    internal ConnectionEnvironment(EnvironmentBlock start, ReadOnlySpan<byte> protocol)
    {
        environment = start;
        environment.Set("PROTO"u8, protocol);
    }

    /// <summary>Adds a variable that is set and empty, with room for a value.</summary>
    /// <param name="place">A number from 0 to 7 that stands for it in <see cref="Write"/>.</param>
    /// <param name="name">Its name.</param>
    /// <param name="longestValue">The length of its longest value, in bytes.</param>
    internal void AddPlace(int place, ReadOnlySpan<byte> name, int longestValue)
    {
        byte* entry = Arena.Allocate((nuint)(name.Length + 1 + longestValue + 1));
        name.CopyTo(new Span<byte>(entry, name.Length));
        entry[name.Length] = (byte)'=';
        environment.SetEntry(name, entry);
        values[place] = (ulong)(entry + name.Length + 1);
        sizes[place] = longestValue;
    }

    /// <summary>Removes a variable.</summary>
    internal void Unset(ReadOnlySpan<byte> name) => environment.Unset(name);

    /// <summary>Removes variables: <see cref="Ucspi.Unset"/>.</summary>
    internal void Unset(ReadOnlySpan<byte> protocol, ReadOnlySpan<byte> names) => Ucspi.Unset(ref environment, default, protocol, names);

    /// <summary>The buffer for the value of a place; <see cref="End"/> ends it.</summary>
    internal readonly Span<byte> Value(int place) => new((byte*)values[place], sizes[place]);

    /// <summary>Ends a value after the given number of bytes.</summary>
    internal readonly void End(int place, int length) => ((byte*)values[place])[length] = 0;

    /// <summary>Writes a value.</summary>
    internal readonly void Write(int place, scoped ReadOnlySpan<byte> value)
    {
        value.CopyTo(Value(place));
        End(place, value.Length);
    }

    /// <summary>Writes a number in decimal.</summary>
    internal readonly void Write(int place, uint value) => Write(place, Numbers.Decimal(value, stackalloc byte[Numbers.LongestText]));

    /// <summary>The environment with the values as they are; valid until they are written again.</summary>
    /// <param name="memory">Memory for edits of it.</param>
    internal readonly EnvironmentBlock Current(Allocator memory) => new(environment.List, environment.Count, memory);
}
