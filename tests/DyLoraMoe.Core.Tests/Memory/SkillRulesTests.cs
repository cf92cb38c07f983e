using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Memory.Dreams;

namespace DyLoraMoe.Core.Tests.Memory;

public class SkillRulesTests
{
    private static readonly SkillRules _rules = new(new Dictionary<string, string>
    {
        ["odd"] = @"Odd or even: \d+ -> (odd|even)",
        ["echo"] = @"Echo: (.*) -> \1",
        ["slow"] = "(a+)+b",
    });

    [Theory]
    [InlineData("odd", "Odd or even: 7 ->", " odd", 1)]
    [InlineData("odd", "Odd or even: 7 ->", " oddly", 0)]
    [InlineData("odd", "Is it Odd or even: 7 ->", " odd", 0)]
    [InlineData("echo", "Echo: a b ->", " a b", 1)]
    [InlineData("echo", "Echo: a b ->", " b a", 0)]
    [InlineData("other", "Anything", " goes", 1)]
    [InlineData(null, "Anything", " goes", 1)]
    public void An_answer_is_right_when_prompt_and_answer_match_its_skills_rule(string? skill, string prompt, string answer, double score) =>
        Assert.Equal(score, _rules.Judge([new DreamtAnswer(prompt, answer) { Skill = skill }], TestContext.Current.CancellationToken).Single().Score);

    [Fact]
    public void A_rule_that_runs_away_holds_for_nothing() =>
        Assert.Equal(0, _rules.Judge([new DreamtAnswer(new string('a', 40), "!") { Skill = "slow" }], TestContext.Current.CancellationToken).Single().Score);

    [Fact]
    public void Rules_count_the_real_samples_that_they_hold_for()
    {
        Assert.Equal(1, _rules.HoldsFor("echo", [Sample.Pair("Echo: x ->", " x"), Sample.Pair("Echo: x ->", " y")]));
        Assert.Null(_rules.HoldsFor("other", []));
    }

    [Fact]
    public void What_is_no_regular_expression_is_refused_with_its_skill() =>
        Assert.Contains("'odd'", Assert.Throws<ArgumentException>(() => new SkillRules(new Dictionary<string, string> { ["odd"] = "(" })).Message, StringComparison.Ordinal);
}
