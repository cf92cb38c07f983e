using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Trainer.Continual.Streams;

namespace DyLoraMoe.Trainer.Continual.Arms;

/// <summary>
/// The upper bound that sees everything at once: full fine-tuning after the last visit on all data mixed, each visit with its
/// own share of tokens, at the sum of all budgets.
/// </summary>
internal sealed class JointArm(ArmContext context) : IContinualArm
{
    private readonly List<TokenizedSample> _samples = [];
    private long _budget;
    private bool _isTrained;

    public long AddedParameters => _isTrained ? context.Backbone.parameters().Sum(parameter => parameter.numel()) : 0;

    public int Experts => 0;

    public Learnt Learn(SkillVisit visit, CancellationToken cancellation)
    {
        _samples.AddRange(BudgetedTraining.Worth(visit.TrainTokens, visit.TokenBudget, new SeededRandom(context.Seed, (ulong)visit.Stage)));
        _budget += visit.TokenBudget;
        return new Learnt(0);
    }

    public Learnt Finish(CancellationToken cancellation)
    {
        _isTrained = true;
        using var step = TrainingStep.OfModel(context.Backbone, BudgetedTraining.Options(context.Settings));
        var source = BudgetedTraining.Source(_samples, context.Settings, context.Seed);
        return new Learnt(BudgetedTraining.Run(step, source, _budget, context.Rate, context.Settings, cancellation));
    }

    public Answerer AnswererFor(string skill, IReadOnlyList<TokenizedSample> samples) =>
        new(context.Backbone, _isTrained ? $"{context.Identity}/joint" : Answerer.Backbone);

    public void Dispose()
    {
    }
}
