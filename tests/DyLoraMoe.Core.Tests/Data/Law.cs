using FsCheck;
using FsCheck.Fluent;

namespace DyLoraMoe.Core.Tests.Data;

/// <summary>Runs a law on generated values, from a fixed seed, so that a failure repeats.</summary>
internal static class Law
{
    public static void Holds<T>(Gen<T> values, Action<T> law, int cases = 100) =>
        Check.One(
            Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithReplay(new Replay(new Rnd(2026, 11), null)).WithMaxTest(cases),
            Prop.ForAll(values.ToArbitrary(), law));
}
