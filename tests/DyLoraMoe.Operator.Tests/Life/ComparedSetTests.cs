using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Tests.World;
using k8s.Models;
using static DyLoraMoe.Operator.Tests.Life.LifeTests;

namespace DyLoraMoe.Operator.Tests.Life;

/// <summary>What a new set is compared on, and what becomes of experts that do harm.</summary>
public sealed class ComparedSetTests
{
    [Fact]
    public async Task One_expert_that_does_harm_holds_nobody_else_back()
    {
        using var world = new OperatorWorld();
        world.Apply();
        world.Learn("reverse");
        await world.SettleAsync();

        world.JobsEnd = false;
        world.Learn("harmful", "harms reverse");
        foreach (var name in new[] { "good", "better", "fine" })
        {
            world.Learn(name);
        }

        await world.SettleAsync();
        world.JobsEnd = true;
        await world.SettleAsync();

        var refused = world.Skill("harmful").Status.Conditions.Find(ConditionTypes.Ready)!;
        Assert.Equal((ConditionStatus.False, Reasons.RegressionRefused), (refused.Status, refused.Reason));
        Assert.Contains("reverse", refused.Message, StringComparison.Ordinal);
        foreach (var name in new[] { "reverse", "good", "better", "fine" })
        {
            IsReady(world.Skill(name).Status, world);
        }

        IsReady(world.Backbone.Status, world);
        Assert.Equal(4, world.Backbone.Status.Experts);
        Assert.Equal("harmful", Assert.Single(world.Backbone.Status.Refused!).Expert);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_was_not_compared_is_not_said_to_be_within_the_budget(bool isRemoval)
    {
        using var world = new OperatorWorld();
        world.Apply();
        foreach (var name in new[] { "reverse", "sum", "words" })
        {
            world.Learn(name);
            await world.SettleAsync();
        }

        Assert.Equal((ConditionStatus.True, Reasons.WithinBudget), Verdict());
        if (isRemoval)
        {
            world.Server.Delete<Skill>(OperatorWorld.Namespace, "reverse");
        }
        else
        {
            world.Apply(spec => spec.Routing.TopK = 2);
        }

        await world.SettleAsync();
        Assert.Equal((ConditionStatus.Unknown, Reasons.NotMeasured), Verdict());
        IsReady(world.Backbone.Status, world);

        world.Learn("later");
        await world.SettleAsync();
        Assert.Equal((ConditionStatus.True, Reasons.WithinBudget), Verdict());

        (string, string?) Verdict() => world.Backbone.Status.Conditions.Find(ConditionTypes.RegressionChecked) is { } found ? (found.Status, found.Reason) : ("", null);
    }

    [Fact]
    public async Task An_expert_that_answers_its_own_skill_worse_than_what_answers_now_is_refused()
    {
        using var world = new OperatorWorld();
        world.Apply();
        world.Learn("reverse");
        await world.SettleAsync();

        world.Learn("vain", "harms vain");
        await world.SettleAsync();

        var check = world.Work.Requests.Last(request => request.Kind == JobKind.Check);
        Assert.Equal(["reverse", "vain"], check.Skills.Select(skill => skill.Name));
        var refused = world.Skill("vain").Status.Conditions.Find(ConditionTypes.Ready)!;
        Assert.Equal((ConditionStatus.False, Reasons.RegressionRefused), (refused.Status, refused.Reason));
        Assert.Contains("Skill vain itself gains nothing: it would go from 0.5 to 0.9 nats per token; 0.01 more are allowed. Give it more examples, or lower rates.", refused.Message, StringComparison.Ordinal);
        IsReady(world.Skill("reverse").Status, world);
    }

    [Fact]
    public async Task A_skill_that_would_lose_much_against_its_best_is_named_with_that()
    {
        using var world = new OperatorWorld();
        world.Apply();
        world.Learn("reverse");
        await world.SettleAsync();

        world.Learn("late", "wears reverse");
        await world.SettleAsync();

        var refused = world.Skill("late").Status.Conditions.Find(ConditionTypes.Ready)!;
        Assert.Equal(Reasons.RegressionRefused, refused.Reason);
        Assert.Contains("Skill reverse would go from 0.5 at its best to 0.9 nats per token; 0.01 more are allowed.", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_set_is_not_asked_for_what_an_expert_is_still_to_learn_but_for_what_it_covers_and_brings()
    {
        using var world = new OperatorWorld();
        world.Apply();
        world.Learn("reverse");
        await world.SettleAsync();
        world.Learn("same", "covered-by reverse");
        world.Learn("words", "extends reverse\nfails");
        await world.SettleAsync();

        world.Learn("other", "harms words");
        await world.SettleAsync();
        Assert.Equal("reverse", world.Skill("words").Status.ExpertRef!.Name);
        Assert.Equal(["other", "reverse", "same"], Compared());
        IsReady(world.Skill("other").Status, world);

        world.Learn("more", "extends other");
        await world.SettleAsync();
        Assert.Equal(["more", "other", "reverse", "same"], Compared());
        IsReady(world.Skill("more").Status, world);

        IEnumerable<string> Compared() => world.Work.Requests.Last(request => request.Kind == JobKind.Check).Skills.Select(skill => skill.Name);
    }

    [Fact]
    public async Task A_refused_expert_is_tried_again_when_the_budget_changes()
    {
        using var world = new OperatorWorld();
        world.Apply();
        world.Learn("reverse");
        await world.SettleAsync();
        world.Learn("harmful", "harms reverse");
        await world.SettleAsync();
        var checks = LifeTests.Jobs(world, "Check");

        world.Apply(spec => spec.Regression.Budget = "5");
        await world.SettleAsync();

        Assert.Equal(checks + 1, LifeTests.Jobs(world, "Check"));
    }
}
