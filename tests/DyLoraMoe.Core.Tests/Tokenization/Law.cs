using FsCheck;
using FsCheck.Fluent;

namespace DyLoraMoe.Core.Tests.Tokenization;

/// <summary>Checks a law on random cases, the same ones in every run.</summary>
internal static class Law
{
    private static readonly Config Fixed = Config.QuickThrowOnFailure.WithReplay(20261122, 7).WithQuietOnSuccess(true);

    public static void Holds<T>(Gen<T> cases, Action<T> law) => Check.One(Fixed, Prop.ForAll(cases.ToArbitrary(), law));
}
