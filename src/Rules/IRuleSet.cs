using System;
using LocalService.Errors;

namespace LocalService.Rules;

/// <summary>Rules, wherever they are kept.</summary>
internal interface IRuleSet
{
    /// <summary>What the rule of a key says: allow, deny, no rule, or that it can't be read.</summary>
    /// <param name="key">A key, <c>KIND/NAME</c>.</param>
    /// <param name="allowance">Gets what an allow brings with it; of no meaning otherwise.</param>
    Decision Look(ReadOnlySpan<byte> key, ref Allowance allowance);

    /// <summary>Whether there may be rules of a kind that a client has to be asked for: <see cref="PeerIdentity"/>.</summary>
    Result<bool> HasKind(ReadOnlySpan<byte> kind);
}
