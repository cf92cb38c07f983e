using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Testing;
using DyLoraMoe.Trainer.Continual.Arms;

namespace DyLoraMoe.Trainer.Tests.Continual;

public class BudgetedTrainingTests
{
    private static readonly ArmSettings _settings = new() { Rows = 2, RowLength = 16, WarmUpSteps = 2 };

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(333)]
    public void Training_never_exceeds_its_budget_and_uses_all_but_a_batch_of_it(int budget)
    {
        using var model = TinyModels.Create();
        using var step = TrainingStep.OfModel(model, BudgetedTraining.Options(_settings));
        var used = BudgetedTraining.Run(step, BudgetedTraining.Source(TinyData.Shifted(50), _settings, 1), budget, 1e-3, _settings, CancellationToken.None);
        Assert.InRange(used, Math.Max(0, budget - (_settings.Rows * _settings.RowLength)), budget);
    }

    [Fact]
    public void The_rate_rises_and_then_falls_to_a_tenth()
    {
        Assert.Equal(0.5, BudgetedTraining.RateAt(0, 0, 1, _settings), 1e-6);
        Assert.Equal(1, BudgetedTraining.RateAt(1, 0, 1, _settings), 1e-6);
        Assert.Equal(0.55, BudgetedTraining.RateAt(10, 0.5, 1, _settings), 1e-6);
        Assert.Equal(0.1, BudgetedTraining.RateAt(20, 1, 1, _settings), 1e-6);
    }

    [Fact]
    public void Samples_worth_a_budget_use_each_once_before_any_again()
    {
        var samples = TinyData.Shifted(5);
        var chosen = BudgetedTraining.Worth(samples, samples.Sum(sample => sample.Positions) + 1, new SeededRandom(3)).ToList();
        Assert.Equal(6, chosen.Count);
        Assert.Equal(5, chosen.Take(5).Distinct().Count());
    }
}
