using DyLoraMoe.Core.Data;
using FsCheck;
using FsCheck.Fluent;

namespace DyLoraMoe.Core.Tests.Data;

internal static class SampleGen
{
    /// <summary>Tokenised samples of 2 to <paramref name="longest"/> ids whose ids tell sample and place apart.</summary>
    public static Gen<TokenizedSample[]> Tokenized(int longest, int most = 60) =>
        from lengths in Gen.Choose(2, longest).ArrayOf().Resize(most).Where(l => l.Length > 0)
        from starts in Gen.Choose(0, longest).ArrayOf(lengths.Length)
        select lengths.Select((length, i) =>
        {
            var start = Math.Min(starts[i], length);
            return new TokenizedSample([.. Enumerable.Range(0, length).Select(j => (i * 1000) + j)], start, start, start);
        }).ToArray();

    public static Gen<Sample[]> Pairs { get; } =
        (from prompt in ArbMap.Default.GeneratorFor<NonNull<string>>()
         from answer in ArbMap.Default.GeneratorFor<NonNull<string>>()
         select Sample.Pair(prompt.Get, answer.Get)).ArrayOf();
}
