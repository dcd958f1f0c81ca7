using System;
using LocalService.CommandLine;

namespace LocalService.FdHolder;

/// <summary>Specification "fdholder", section 6.</summary>
internal readonly struct FdHolderReplace : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-fdholder-replace"u8;
    public static int ManualSection => 1;
    public static ReadOnlySpan<byte> Summary => "store an open descriptor in a descriptor holder, replacing the one that it holds under a name"u8;
    public static ReadOnlySpan<byte> Declaration => FdHolderStore.Declaration;

    public static Outcome Run(Invocation invocation) => FdHolderStore.Run(invocation, Program, RequestKind.Replace, "unable to replace fd"u8);
}
