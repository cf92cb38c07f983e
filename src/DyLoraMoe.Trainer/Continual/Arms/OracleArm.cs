using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Trainer.Continual.Streams;

namespace DyLoraMoe.Trainer.Continual.Arms;

/// <summary>
/// The upper bound that knows the task: one adapter per true skill, trained by all of its visits, each prompt answered by its
/// own skill's. What it has not been taught, the bare backbone answers.
/// </summary>
internal sealed class OracleArm(ArmContext context, AdapterMode mode) : IContinualArm
{
    private readonly Dictionary<string, (LoraAdapter Adapter, AdapterBank Bank, int Version)> _experts = new(StringComparer.Ordinal);

    public long AddedParameters => _experts.Values.Sum(expert => expert.Adapter.Parameters.Sum(parameter => parameter.numel()));

    public int Experts => _experts.Count;

    public Learnt Learn(SkillVisit visit, CancellationToken cancellation)
    {
        var config = new LoraConfig { Rank = context.Settings.Rank, Alpha = 2 * context.Settings.Rank, Mode = mode };
        var adapter = _experts.GetValueOrDefault(visit.TrueSkill).Adapter ?? LoraAdapter.Create(context.Backbone, config, (long)context.Seed + visit.Stage);
        using var step = TrainingStep.OfExpert(context.Backbone, adapter, BudgetedTraining.Options(context.Settings));
        var source = BudgetedTraining.Source(new Invocation(config).Of(visit.TrainTokens), context.Settings, context.Seed + (ulong)visit.Stage);
        var tokens = BudgetedTraining.Run(step, source, visit.TokenBudget, context.Rate, context.Settings, cancellation);
        _experts.GetValueOrDefault(visit.TrueSkill).Bank?.Dispose();
        _experts[visit.TrueSkill] = (adapter, new AdapterBank([adapter]), visit.Stage);
        return new Learnt(tokens);
    }

    public Answerer AnswererFor(string skill, IReadOnlyList<TokenizedSample> samples) => _experts.TryGetValue(skill, out var expert)
        ? Answerer.Of(context.Backbone, $"{context.Identity}/{skill}/{expert.Version}", expert.Bank, samples.Count)
        : new Answerer(context.Backbone, Answerer.Backbone);

    /// <summary>The control that has the same experts and draws one for every prompt.</summary>
    public IContinualArm RandomlyRouted() => new Random(this, context);

    public void Dispose()
    {
        foreach (var (adapter, bank, _) in _experts.Values)
        {
            bank.Dispose();
            adapter.Dispose();
        }
    }

    private sealed class Random(OracleArm oracle, ArmContext context) : IContinualArm
    {
        private static readonly ulong Purpose = SeededRandom.Key("random routing");

        private AdapterBank? _bank;
        private string _of = string.Empty;

        public long AddedParameters => oracle.AddedParameters;

        public int Experts => oracle.Experts;

        public Learnt Learn(SkillVisit visit, CancellationToken cancellation) => throw new InvalidOperationException("The oracle whose experts this arm draws from does the learning.");

        public Answerer AnswererFor(string skill, IReadOnlyList<TokenizedSample> samples)
        {
            if (oracle.Experts == 0)
            {
                return new Answerer(context.Backbone, Answerer.Backbone);
            }

            var names = oracle._experts.Keys.Order(StringComparer.Ordinal).ToArray();
            var version = string.Join('/', names.Select(name => $"{name}.{oracle._experts[name].Version}"));
            if (_of != version)
            {
                _bank?.Dispose();
                _bank = new AdapterBank([.. names.Select(name => oracle._experts[name].Adapter)]);
                _of = version;
            }

            var random = new SeededRandom(context.Seed, Purpose, SeededRandom.Key(skill), (ulong)names.Length);
            var weights = samples.Select(_ =>
            {
                var row = new float[names.Length];
                row[random.Next(names.Length)] = 1;
                return row;
            }).ToArray();
            return new Answerer(context.Backbone, $"{context.Identity}/random/{version}", _bank, weights);
        }

        public void Dispose() => _bank?.Dispose();
    }
}
