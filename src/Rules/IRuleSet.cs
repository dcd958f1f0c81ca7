using System;

namespace LocalService.Rules;

/// <summary>Rules, wherever they are kept.</summary>
internal interface IRuleSet
{
    /// <summary>What the rule of a key says: allow, deny, no rule, or that it can't be read.</summary>
    /// <param name="key">A key, <c>KIND/NAME</c>.</param>
    /// <param name="allowance">Gets what an allow brings with it; of no meaning otherwise.</param>
    Decision Look(ReadOnlySpan<byte> key, ref Allowance allowance);
}
