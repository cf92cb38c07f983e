using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Trainer.Continual.Streams;

namespace DyLoraMoe.Trainer.Continual.Arms;

/// <summary>
/// One adapter that goes on training on whatever comes. With replay, a share of every later visit's tokens is drawn from the
/// samples of all earlier visits, each visit as likely; nothing earlier is ever thrown away.
/// </summary>
internal sealed class SequentialLoraArm(ArmContext context, double replayShare) : IContinualArm
{
    private static readonly ulong Purpose = SeededRandom.Key("replay");

    private readonly LoraAdapter _adapter = LoraAdapter.Create(context.Backbone, new LoraConfig { Rank = context.Settings.Rank, Alpha = 2 * context.Settings.Rank }, (long)context.Seed);
    private readonly List<IReadOnlyList<TokenizedSample>> _earlier = [];
    private AdapterBank? _bank;
    private int _version;

    public long AddedParameters => _version == 0 ? 0 : _adapter.Parameters.Sum(parameter => parameter.numel());

    public int Experts => 0;

    public Learnt Learn(SkillVisit visit, CancellationToken cancellation)
    {
        _version++;
        _bank?.Dispose();
        _bank = null;
        using var step = TrainingStep.OfExpert(context.Backbone, _adapter, BudgetedTraining.Options(context.Settings));
        var source = BudgetedTraining.Source(Mixed(visit), context.Settings, context.Seed + (ulong)visit.Stage);
        var tokens = BudgetedTraining.Run(step, source, visit.TokenBudget, context.Rate, context.Settings, cancellation);
        _earlier.Add(visit.TrainTokens);
        return new Learnt(tokens);
    }

    public Answerer AnswererFor(string skill, IReadOnlyList<TokenizedSample> samples) => _version == 0
        ? new Answerer(context.Backbone, Answerer.Backbone)
        : Answerer.Of(context.Backbone, $"{context.Identity}/{_version}", _bank ??= new AdapterBank([_adapter]), samples.Count);

    public void Dispose()
    {
        _bank?.Dispose();
        _adapter.Dispose();
    }

    private IReadOnlyList<TokenizedSample> Mixed(SkillVisit visit)
    {
        if (replayShare == 0 || _earlier.Count == 0)
        {
            return visit.TrainTokens;
        }

        var random = new SeededRandom(context.Seed, Purpose, (ulong)visit.Stage);
        var replayed = (long)(visit.TokenBudget * replayShare);
        var each = replayed / _earlier.Count;
        return
        [
            .. BudgetedTraining.Worth(visit.TrainTokens, visit.TokenBudget - replayed, random),
            .. _earlier.SelectMany(samples => BudgetedTraining.Worth(samples, each, random)),
        ];
    }
}
