using System;
using LocalService.CommandLine;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Server;

/// <summary>
/// The numbers that programs are told besides that of their client: those that a connlimit in their command line asks for, or that the environment of
/// the server asks for by having the variable. No other server pays for them. Specification "access", section 7.
/// </summary>
internal static class AskedNumbers
{
    /// <summary>Puts them into the options.</summary>
    /// <param name="options">The options of the server.</param>
    /// <param name="program">The command line for each connection.</param>
    /// <param name="environment">The environment of the server.</param>
    /// <param name="roles">Finds the declaration of connlimit.</param>
    /// <typeparam name="TPeer">The clients.</typeparam>
    internal static void Find<TPeer>(ref DaemonOptions options, Words program, EnvironmentBlock environment, RoleFinder roles)
        where TPeer : unmanaged, IPeer<TPeer>
    {
        options.TellsTotal = environment.TryGet(TPeer.TotalVariable, out _);
        options.CountsGroups = !TPeer.GroupVariable.IsEmpty && environment.TryGet(TPeer.GroupVariable, out _);
        // Another program of that name is told more than it needs.
        for (int place = 0; place < program.Count; place++)
        {
            ReadOnlySpan<byte> name = Bytes.BaseName(program[place]);
            if (!Role.WithoutPrefix(name).SequenceEqual("connlimit"u8) || !roles.TryFind(name, out Role limit))
                continue;
            var reader = new OptionReader(program.From(place), limit.Declaration);
            while (reader.Next(out char option))
            {
                options.TellsTotal |= option == 't';
                options.CountsGroups |= option == 'g' && !TPeer.GroupVariable.IsEmpty;
            }
        }
    }
}
