using System;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Rules;

/// <summary>
/// The keys of a client in a database of tcprules, in the order of the server that it was made for: <c>INFO@IP</c>, <c>INFO@=HOST</c>, <c>IP</c>,
/// <c>=HOST</c>, the beginnings of the address that end in a dot, the domains that the name is in, any name, anybody. Specification "tcp",
/// section 9.
/// </summary>
internal unsafe struct TcpRulesKeys : IRuleKeys
{
    /// <summary>The longest information from IDENT, in bytes.</summary>
    internal const int LongestInformation = 255;

    private readonly byte* address;
    private readonly int addressLength;
    private readonly CString name;
    private readonly int nameLength;
    private readonly byte* information;
    private readonly int informationLength;
    private Step step;
    private int position;

    private enum Step : byte
    {
        InformationAtAddress,
        InformationAtName,
        Address,
        Name,
        Networks,
        Domains,
        AnyName,
        Anybody,
        End,
    }

    /// <summary>The keys of a client. The texts don't move; an unknown one is empty.</summary>
    /// <param name="address">Its address.</param>
    /// <param name="name">Its name, without a final dot.</param>
    /// <param name="information">The information from IDENT.</param>
    internal TcpRulesKeys(ReadOnlySpan<byte> address, ReadOnlySpan<byte> name, ReadOnlySpan<byte> information)
    {
        fixed (byte* start = address)
            this.address = start;
        fixed (byte* start = name)
            this.name = start;
        fixed (byte* start = information)
            this.information = start;
        addressLength = address.Length;
        nameLength = name.Length;
        informationLength = information.Length;
        position = address.Length;
    }

    /// <summary>The length of the key for a name with information from IDENT.</summary>
    public static int LongestKey => LongestInformation + 2 + NameKeys.LongestName;

    public static bool HaveKinds => false;

    public readonly bool IsAmongEquals => false;

    public readonly bool HasRules => false;

    private readonly ReadOnlySpan<byte> AddressText => new(address, addressLength);

    private readonly ReadOnlySpan<byte> NameText => new(name, nameLength);

    private readonly ReadOnlySpan<byte> InformationText => new(information, informationLength);

    public bool Next(Span<byte> buffer, out ReadOnlySpan<byte> key)
    {
        key = default;
        bool found = false;
        while (!found && step != Step.End)
        {
            switch (step)
            {
                case Step.InformationAtAddress:
                    found = informationLength > 0;
                    key = Join(buffer, InformationText, "@"u8, AddressText);
                    step = Step.InformationAtName;
                    break;
                case Step.InformationAtName:
                    found = informationLength > 0 && nameLength > 0;
                    key = Join(buffer, InformationText, "@="u8, NameText);
                    step = Step.Address;
                    break;
                case Step.Address:
                    found = true;
                    key = Join(buffer, AddressText, default, default);
                    step = Step.Name;
                    break;
                case Step.Name:
                    found = nameLength > 0;
                    key = Join(buffer, "="u8, NameText, default);
                    step = Step.Networks;
                    break;
                case Step.Networks:
                    found = NextNetwork();
                    key = Join(buffer, AddressText[..position], default, default);
                    step = found ? Step.Networks : Step.Domains;
                    position = found ? position : 0;
                    break;
                case Step.Domains:
                    found = NextDomain();
                    key = Join(buffer, "="u8, NameText[position..], default);
                    step = found ? Step.Domains : Step.AnyName;
                    break;
                case Step.AnyName:
                    found = nameLength > 0;
                    key = Join(buffer, "="u8, default, default);
                    step = Step.Anybody;
                    break;
                default:
                    found = true;
                    key = default;
                    step = Step.End;
                    break;
            }
        }
        return found;
    }

    public readonly Decision Enter(bool hasRules) => default;

    /// <summary>Goes back to the next dot of the address: the beginning that ends with it.</summary>
    private bool NextNetwork()
    {
        int end = position == 0 ? -1 : AddressText[..(position - 1)].LastIndexOf((byte)'.');
        position = end + 1;
        return end >= 0;
    }

    /// <summary>Goes on to the next dot of the name: the end that begins with it.</summary>
    private bool NextDomain()
    {
        int from = position == 0 ? 0 : position + 1;
        int dot = from >= nameLength ? -1 : NameText[from..].IndexOf((byte)'.');
        position = dot < 0 ? nameLength : from + dot;
        return dot >= 0;
    }

    private static ReadOnlySpan<byte> Join(Span<byte> buffer, ReadOnlySpan<byte> text, ReadOnlySpan<byte> more, ReadOnlySpan<byte> last)
    {
        text.CopyTo(buffer);
        more.CopyTo(buffer[text.Length..]);
        last.CopyTo(buffer[(text.Length + more.Length)..]);
        return buffer[..(text.Length + more.Length + last.Length)];
    }
}
