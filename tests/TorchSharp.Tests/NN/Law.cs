using FsCheck;

namespace TorchSharp.Tests;

/// <summary>Checks a property on the same cases in every run.</summary>
internal static class Law
{
    private static readonly Config Fixed = Config.QuickThrowOnFailure.WithReplay(20261122, 7).WithQuietOnSuccess(true);

    public static void Holds(this Property property) => property.Check(Fixed);
}
