using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Novelty;

namespace DyLoraMoe.Core.Tests.Novelty;

public sealed class BigramLossTests
{
    [Fact]
    public void A_samples_pairs_are_foretold_by_those_of_all_others()
    {
        // Each has the other's pair (2, 7); after 7 the other has another token, so there the frequencies of tokens decide: with half a count for each kind
        // and for all that was not seen, before (7, 7) one 7 and one 8 were seen, before (7, 8) two 7.
        var first = Math.Log((1 + (5 * 1.5 / 3.5)) / 6) + Math.Log(5 * 1.5 / 3.5 / 6);
        var second = Math.Log((1 + (5 * 2.5 / 3.5)) / 6) + Math.Log(5 * 0.5 / 3.5 / 6);

        Assert.Equal(-(first + second) / 4, BigramLoss.Of([Answer(7, 7), Answer(7, 8)]), 1e-12);
    }

    [Fact]
    public void An_order_that_never_changes_costs_nothing_where_the_tokens_alone_cost_the_logarithm_of_their_number()
    {
        var all = Answer([.. Enumerable.Range(3, 16)]);

        Assert.InRange(BigramLoss.Of([.. Enumerable.Repeat(all, 400)]), 0, 0.05);
        Assert.Equal(Math.Log(16), UnigramLoss.Of([.. Enumerable.Repeat(all, 400)]), 0.001);
    }

    [Fact]
    public void Without_tokens_nothing_is_known() => Assert.Equal(double.PositiveInfinity, BigramLoss.Of([]));

    private static TokenizedSample Answer(params int[] answer) => new([1, 2, .. answer], AnswerStart: 2, LossStart: 2, InvocationStart: 1);
}
