using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Novelty;

namespace DyLoraMoe.Core.Tests.Novelty;

public sealed class UnigramLossTests
{
    [Fact]
    public void A_samples_tokens_are_foretold_by_those_of_all_others()
    {
        // Half a count for A, for B and for all that was not seen: before (A, A) one A and one B were seen, before (A, B) two A.
        var expected = -((2 * Math.Log(1.5 / 3.5)) + Math.Log(2.5 / 3.5) + Math.Log(0.5 / 3.5)) / 4;

        Assert.Equal(expected, UnigramLoss.Of([Answer(7, 7), Answer(7, 8)]), 1e-12);
    }

    [Fact]
    public void Tokens_that_are_all_as_frequent_cost_the_logarithm_of_their_number()
    {
        var all = Answer([.. Enumerable.Range(0, 16)]);

        Assert.Equal(Math.Log(16), UnigramLoss.Of([.. Enumerable.Repeat(all, 400)]), 0.001);
    }

    [Fact]
    public void Prompts_do_not_count()
    {
        TokenizedSample[] samples = [Answer(7, 7), Answer(7, 8)];

        Assert.Equal(UnigramLoss.Of(samples), UnigramLoss.Of([.. samples.Select(sample => sample with { Ids = [.. sample.Ids.Select((id, index) => index < sample.LossStart ? 100 + id : id)] })]));
    }

    [Fact]
    public void Without_tokens_nothing_is_known() => Assert.Equal(double.PositiveInfinity, UnigramLoss.Of([]));

    private static TokenizedSample Answer(params int[] answer) => new([1, 2, .. answer], AnswerStart: 2, LossStart: 2, InvocationStart: 1);
}
