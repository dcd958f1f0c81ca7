using System;
using LocalService.Errors;

namespace LocalService.Rules;

/// <summary>Rules, wherever they are kept.</summary>
internal interface IRuleSet
{
    /// <summary>The decision of the rule of a key: allow, deny, no rule, or that it can't be read.</summary>
    /// <param name="key">A key, <c>KIND/NAME</c>.</param>
    /// <param name="allowance">Receives the additions of an allow; meaningless otherwise.</param>
    Decision Look(ReadOnlySpan<byte> key, ref Allowance allowance);

    /// <summary>Whether there may be rules of a kind for which the kernel has to be asked about the client: <see cref="PeerIdentity"/>.</summary>
    Result<bool> HasKind(ReadOnlySpan<byte> kind);
}
