using DyLoraMoe.Core.Data;
using DyLoraMoe.Trainer.Continual.Streams;

namespace DyLoraMoe.Trainer.Continual.Arms;

/// <summary>The control that learns nothing: the bare backbone.</summary>
internal sealed class NothingArm(ArmContext context) : IContinualArm
{
    public long AddedParameters => 0;

    public int Experts => 0;

    public Learnt Learn(SkillVisit visit, CancellationToken cancellation) => new(0);

    public Answerer AnswererFor(string skill, IReadOnlyList<TokenizedSample> samples) => new(context.Backbone, Answerer.Backbone);

    public void Dispose()
    {
    }
}
