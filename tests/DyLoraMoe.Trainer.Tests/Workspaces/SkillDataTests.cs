using DyLoraMoe.Core.Data;
using DyLoraMoe.Trainer.Workspaces;

namespace DyLoraMoe.Trainer.Tests.Workspaces;

public class SkillDataTests
{
    [Fact]
    public void Ids_of_what_is_learnt_are_made_when_they_are_asked_for()
    {
        var tokens = new CountingTokens();
        var data = SkillData.Of(Enumerable.Range(0, 1000).Select(i => Sample.Pair($"{i} ->", $" {i * i}")), tokens, new DataPolicy(256, 20, LossOn.Answer));

        Assert.Equal((data.HeldOut.Count, data.HeldOutTokens.Count), (tokens.Answers, tokens.Answers));

        Assert.Equal(data.Train.Count, data.TrainTokens.Count);
        Assert.Equal(data.TrainTokens.Count + data.HeldOutTokens.Count, tokens.Answers);
        Assert.Equal(tokens.Answers, data.AllTokens.Count);
        Assert.Equal((0, 0), data.Cut);
    }

    [Fact]
    public void What_the_context_cuts_is_counted_in_both_parts()
    {
        var data = SkillData.Of(Enumerable.Range(0, 100).Select(i => Sample.Pair(new string('p', 40) + i, "answer")), new CountingTokens(), new DataPolicy(32, 20, LossOn.Answer));

        Assert.Equal((100, 0), data.Cut);
    }

    private sealed class CountingTokens : ITokenSource
    {
        public int Answers { get; private set; }

        public int? BosId => null;

        public int? EosId => null;

        public int[] Encode(string text, bool addSpecialTokens) => [.. text.Select(character => (int)character)];

        public int[] EncodeAnswer(string text)
        {
            Answers++;
            return Encode(text, addSpecialTokens: false);
        }
    }
}
