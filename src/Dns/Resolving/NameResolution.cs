using System;
using System.Runtime.CompilerServices;
using LocalService.CommandLine;
using LocalService.Dns.Configuration;
using LocalService.Dns.Lookups;
using LocalService.Dns.Packets;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Dns.Resolving;

/// <summary>The end of a question, with the answer in memory of its own.</summary>
internal struct Resolution
{
    /// <summary>Why there is no answer: <see cref="DnsError"/>, or an error of the system.</summary>
    internal Errno Error;

    /// <summary>The answer, which isn't checked yet: see <see cref="Answer.Open"/>.</summary>
    internal ByteBuffer Packet;
}

/// <summary>
/// Asks DNS and waits for the answer, for programs that have nothing else to do: the lookups, a gate that checks names, a client that looks for its
/// server. One time limit covers all questions.
/// </summary>
internal unsafe struct NameResolution
{
    private const int Capacity = 4;
    private const int UsualAnswer = 1232; // the size that is asked for over UDP

    private Resolver* resolver; // in the Arena, as it is large
    private long limit;

    /// <summary>The search list and how it is used.</summary>
    [System.Diagnostics.CodeAnalysis.UnscopedRef]
    internal readonly ref readonly ResolverConfiguration Configuration => ref resolver->Configuration;

    /// <summary>Reads the configuration and gets ready. After an error there is nothing to close.</summary>
    /// <param name="environment">Where the configuration comes from. It must stay valid.</param>
    /// <param name="needsSearch">Whether short names will be looked for in the search list.</param>
    /// <param name="milliseconds">How long all questions together may take, from now on; 0: no limit but that of each.</param>
    /// <param name="servers">Servers to ask instead of the configured ones; null: those that are configured.</param>
    /// <param name="diagnostics">For warnings about the configuration.</param>
    /// <param name="trace">Shows the packets; null: nothing does.</param>
    [MethodImpl(MethodImplOptions.NoInlining)] // called from many places
    internal Errno Open(
        EnvironmentBlock environment, bool needsSearch, uint milliseconds, ResolverConfiguration* servers, Diagnostics diagnostics, PacketTrace* trace = null)
    {
        limit = milliseconds == 0 ? long.MaxValue : Clock.Milliseconds + milliseconds;
        if (trace != null)
            trace->Limit = limit;
        ResolverSettings settings = default;
        settings.Capacity = Capacity;
        settings.NeedsSearch = needsSearch;
        settings.Servers = servers;
        settings.Trace = trace;
        resolver = (Resolver*)Arena.Allocate((nuint)sizeof(Resolver));
        return resolver->Open(settings, environment, diagnostics);
    }

    internal readonly void Close() => resolver->Close();

    /// <summary>Asks one question, and waits.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // called from many places
    internal readonly void Find(ReadOnlySpan<byte> name, ushort type, QueryFlags flags, ref Resolution resolution)
    {
        resolution.Error = resolver->Ask(name, type, flags, limit, (ulong)(nint)Unsafe.AsPointer(ref resolution)).Error;
        Wait();
    }

    /// <summary>Asks for two types of records of a name at the same time, and waits for both.</summary>
    internal readonly void Find(ReadOnlySpan<byte> name, ushort type, ushort otherType, QueryFlags flags, ref Resolution resolution, ref Resolution other) =>
        Find(name, type, name, otherType, flags, ref resolution, ref other);

    /// <summary>Asks two questions at the same time, and waits for both.</summary>
    internal readonly void Find(
        ReadOnlySpan<byte> name, ushort type, ReadOnlySpan<byte> otherName, ushort otherType, QueryFlags flags, ref Resolution resolution, ref Resolution other)
    {
        resolution.Error = resolver->Ask(name, type, flags, limit, (ulong)(nint)Unsafe.AsPointer(ref resolution)).Error;
        other.Error = resolver->Ask(otherName, otherType, flags, limit, (ulong)(nint)Unsafe.AsPointer(ref other)).Error;
        Wait();
    }

    private readonly void Wait()
    {
        while (resolver->Pending > 0)
        {
            while (resolver->Next(out Completion completion))
                Take(completion);
            if (resolver->Pending == 0)
                return;
            var watched = new pollfd { fd = resolver->Descriptor, events = LibC.POLLIN };
            if (LibC.poll(&watched, 1, resolver->MillisecondsLeft) < 0)
                BackOff.RestAfterWait();
        }
    }

    private static void Take(Completion completion)
    {
        var resolution = (Resolution*)completion.Token;
        if (resolution->Packet.Pointer == null)
            resolution->Packet = ByteBuffer.InArena(UsualAnswer);
        resolution->Packet.Clear();
        resolution->Error = completion.Error.Failed ? completion.Error : resolution->Packet.Add(completion.Packet);
    }
}
