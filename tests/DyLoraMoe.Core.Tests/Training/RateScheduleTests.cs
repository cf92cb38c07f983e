using DyLoraMoe.Core.Training;

namespace DyLoraMoe.Core.Tests.Training;

public class RateScheduleTests
{
    private static readonly TrainingOptions Options = new()
    {
        MaxSteps = 100,
        Seeding = new SeedingOptions { Rate = 1e-2, WarmUpSteps = 4, MaxSteps = 20, PlateauPatience = 2, PlateauGain = 0.1 },
        Consolidation = new ConsolidationOptions { Rate = 1e-3, FinalRate = 1e-4 },
    };

    [Theory]
    [InlineData(0, 0.0025)]
    [InlineData(1, 0.005)]
    [InlineData(3, 0.01)]
    [InlineData(4, 0.01)]
    [InlineData(19, 0.01)]
    public void Seeding_rises_to_its_rate_and_stays(int steps, double expected) =>
        Assert.Equal(expected, new RateSchedule(Options).Rate(steps, 0), 1e-12);

    [Theory]
    [InlineData(20, 1e-3)]
    [InlineData(60, 5.5e-4)]
    [InlineData(100, 1e-4)]
    [InlineData(120, 1e-4)]
    public void Consolidation_falls_from_its_own_rate_to_the_final_one_over_what_is_left(int steps, double expected)
    {
        var schedule = new RateSchedule(Options);

        Assert.True(schedule.AfterStep(20, 0));

        Assert.Equal(expected, schedule.Rate(steps, 0), 1e-12);
    }

    [Fact]
    public void A_constant_consolidation_keeps_its_rate()
    {
        var schedule = new RateSchedule(Options with { Consolidation = Options.Consolidation with { Decay = RateDecay.Constant } });
        schedule.AfterStep(20, 0);

        Assert.Equal(1e-3, schedule.Rate(99, 0));
    }

    [Fact]
    public void Seeding_ends_once_when_its_steps_or_tokens_are_used_up()
    {
        var bySteps = new RateSchedule(Options);
        var byTokens = new RateSchedule(Options with { Seeding = Options.Seeding with { MaxSteps = null, MaxTokens = 500 } });

        Assert.Equal([false, true, false], new[] { 19, 20, 21 }.Select(steps => bySteps.AfterStep(steps, 0)));
        Assert.Equal([false, true, false], new[] { 499, 500, 600 }.Select(tokens => byTokens.AfterStep(5, tokens)));
        Assert.Equal((TrainingPhase.Consolidation, 20), (bySteps.State.Phase, bySteps.State.SeedingSteps));
    }

    [Fact]
    public void Seeding_ends_at_a_plateau_of_the_held_out_loss()
    {
        var schedule = new RateSchedule(Options);

        // Gains of a tenth count; 1.95 and 1.91 are within the noise of 2.0.
        Assert.Equal([false, false, false, true], new[] { 3.0, 2.0, 1.95, 1.91 }.Select((loss, at) => schedule.AfterEvaluation(loss, 4 + at, 0)));
        Assert.Equal(TrainingPhase.Consolidation, schedule.State.Phase);
    }

    [Fact]
    public void A_gain_starts_the_count_of_a_plateau_anew()
    {
        var schedule = new RateSchedule(Options);

        Assert.All([3.0, 3.0, 2.0, 2.0, 1.0, 1.0], loss => Assert.False(schedule.AfterEvaluation(loss, 10, 0)));
    }

    [Fact]
    public void No_plateau_is_seen_while_the_rate_still_rises()
    {
        var schedule = new RateSchedule(Options);

        Assert.All([1.0, 2.0, 2.0, 2.0], loss => Assert.False(schedule.AfterEvaluation(loss, 3, 0)));
        Assert.True(schedule.AfterEvaluation(2.0, 4, 0));
    }

    [Fact]
    public void Consolidation_stalls_after_evaluations_without_a_new_best()
    {
        var schedule = new RateSchedule(Options with { Consolidation = Options.Consolidation with { StopPatience = 2 } });
        schedule.AfterStep(20, 0);

        Assert.Equal([false, false, true], new[] { 1.0, 1.0, 1.1 }.Select((loss, at) =>
        {
            schedule.AfterEvaluation(loss, 30 + at, 0);
            return schedule.HasStalled;
        }));
    }

    [Fact]
    public void The_budget_is_whichever_of_steps_and_tokens_ends_first()
    {
        var schedule = new RateSchedule(Options with { MaxSteps = 100, MaxTokens = 1000 });

        Assert.Equal(0.5, schedule.Fraction(50, 10));
        Assert.Equal(0.8, schedule.Fraction(50, 800));
        Assert.Equal(1, schedule.Fraction(50, 2000));
    }

    // Pitfall 1 of the prior art: its rates were factors on another rate, and its second phase waited for data that had come already.
    [Fact]
    public void Rates_are_absolute_whatever_the_other_phase_has()
    {
        var loud = new RateSchedule(Options with { Seeding = Options.Seeding with { Rate = 0.5 } });

        Assert.Equal(0.5, loud.Rate(10, 0));
        loud.AfterStep(20, 0);
        Assert.Equal(1e-3, loud.Rate(20, 0), 1e-12);
    }

    [Theory]
    [InlineData(30)]
    [InlineData(100)]
    [InlineData(5000)]
    public void When_more_data_come_an_expert_is_consolidated_at_once(int budget)
    {
        var options = (Options with { MaxSteps = budget }).ConsolidationOnly();
        options.Validate();
        var schedule = new RateSchedule(options);
        var rates = new List<double>();
        for (var steps = 0; steps < budget; steps++)
        {
            rates.Add(schedule.Rate(steps, 0));
            schedule.AfterStep(steps + 1, 0);
            schedule.AfterEvaluation(1, steps + 1, 0);
        }

        Assert.Equal((TrainingPhase.Consolidation, 4), (schedule.State.Phase, schedule.State.SeedingSteps));
        Assert.Equal(Options.Consolidation.Rate, rates.Max(), 1e-12);
        Assert.Equal([2.5e-4, 5e-4, 7.5e-4, 1e-3, 1e-3], rates.Take(5).Select(rate => Math.Round(rate, 9)));
        Assert.InRange(rates[^1], Options.Consolidation.FinalRate, 1.1e-3 * 0.2);
    }

    [Fact]
    public void Consolidation_is_reached_within_the_budget_whatever_the_losses_do()
    {
        // A loss that falls for ever never shows a plateau; the budget ends seeding then.
        var schedule = new RateSchedule(Options);
        for (var steps = 1; steps <= 20; steps++)
        {
            schedule.AfterEvaluation(100 - steps, steps, 0);
            schedule.AfterStep(steps, 0);
        }

        Assert.Equal(TrainingPhase.Consolidation, schedule.State.Phase);
    }
}
