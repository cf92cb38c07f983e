using DyLoraMoe.Core.Data;
using DyLoraMoe.Trainer.Dreams;

namespace DyLoraMoe.Trainer.Tests.Dreams;

public sealed class ExpertNightTests
{
    [Fact]
    public void A_dream_may_be_as_long_as_all_answers_but_the_longest_few()
    {
        Assert.Equal(0, ExpertNight.AnswerTokens([]));
        Assert.Equal(7, ExpertNight.AnswerTokens([Answering(7)]));
        Assert.Equal(95, ExpertNight.AnswerTokens(Enumerable.Range(1, 100).Reverse().Select(Answering)));
    }

    private static TokenizedSample Answering(int tokens) => new(new int[5 + tokens], AnswerStart: 5, LossStart: 5, InvocationStart: 4);
}
