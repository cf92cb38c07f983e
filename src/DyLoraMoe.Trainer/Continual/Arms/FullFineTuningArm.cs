using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Trainer.Continual.Streams;

namespace DyLoraMoe.Trainer.Continual.Arms;

/// <summary>Every weight of the model goes on training on whatever comes: the method that forgets.</summary>
internal sealed class FullFineTuningArm(ArmContext context) : IContinualArm
{
    private int _version;

    public long AddedParameters => _version == 0 ? 0 : context.Backbone.parameters().Sum(parameter => parameter.numel());

    public int Experts => 0;

    public Learnt Learn(SkillVisit visit, CancellationToken cancellation)
    {
        _version++;
        using var step = TrainingStep.OfModel(context.Backbone, BudgetedTraining.Options(context.Settings));
        var source = BudgetedTraining.Source(visit.TrainTokens, context.Settings, context.Seed + (ulong)visit.Stage);
        return new Learnt(BudgetedTraining.Run(step, source, visit.TokenBudget, context.Rate, context.Settings, cancellation));
    }

    public Answerer AnswererFor(string skill, IReadOnlyList<TokenizedSample> samples) =>
        new(context.Backbone, _version == 0 ? Answerer.Backbone : $"{context.Identity}/{_version}");

    public void Dispose()
    {
    }
}
