using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Compute;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Features;
using DyLoraMoe.Core.Lifecycle;
using DyLoraMoe.Core.Novelty;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Trainer.Continual.Streams;
using DyLoraMoe.Trainer.Workspaces;
using static TorchSharp.torch;

namespace DyLoraMoe.Trainer.Continual.Arms;

/// <summary>This system: a workspace that is given each visit as <c>dylora learn</c> would be, and nothing else.</summary>
internal sealed class SystemArm : IRoutingArm, INoveltyProbe
{
    private readonly ArmContext _context;
    private readonly Workspace _workspace;
    private readonly List<(string Expert, int Stage)> _created = [];
    private readonly Dictionary<IReadOnlyList<TokenizedSample>, Tensor> _features = new(ReferenceEqualityComparer.Instance);
    private WorkspaceSession _session;
    private long _budget;

    /// <summary>An arm with an empty workspace.</summary>
    public SystemArm(ArmContext context)
    {
        _context = context;
        _workspace = Workspace.OpenOrCreate(Path.Combine(context.Scratch, "workspace"), context.ModelFolder, PolicyOf(1).Data);
        _session = Open(1);
    }

    /// <inheritdoc/>
    public long AddedParameters
    {
        get
        {
            return _session.Active is not { } set ? 0
                : (set.Bank?.Adapters.Sum(adapter => adapter.Parameters.Sum(parameter => parameter.numel())) ?? 0) + ((1 + set.Router.Experts.Count) * (set.Router.Width + 1L));
        }
    }

    /// <inheritdoc/>
    public int Experts => _created.Count;

    /// <inheritdoc/>
    public IReadOnlyList<int> CreatedAt => _created.ConvertAll(expert => expert.Stage);

    /// <inheritdoc/>
    public Learnt Learn(SkillVisit visit, CancellationToken cancellation)
    {
        if (visit.TokenBudget != _budget)
        {
            _session.Dispose();
            _session = Open(visit.TokenBudget);
        }

        var before = _workspace.State.Experts.ToDictionary(pair => pair.Key, pair => pair.Value.Tokens, StringComparer.Ordinal);
        var dataset = SkillData.Publish(_workspace.Store, visit.Train.Concat(visit.HeldOut), _session.Policy.Data.Context);
        var notes = new List<string>();
        var entry = new LearnRun(_session, notes.Add, new RunSettings(), cancellation).Run(new LearnRequest(visit.Name, dataset, Novelty: null));
        _created.AddRange(_workspace.State.Experts.Keys.Where(name => !before.ContainsKey(name)).Select(name => (name, visit.Stage)));
        var tokens = _workspace.State.Experts.Sum(pair => pair.Value.Tokens - before.GetValueOrDefault(pair.Key));
        return new Learnt(tokens, $"{entry.Expert ?? "no expert"}: {string.Join("; ", notes)}");
    }

    /// <inheritdoc/>
    public Answerer AnswererFor(string skill, IReadOnlyList<TokenizedSample> samples) => _session.Active is { Bank: { } bank } set
        ? new Answerer(_session.Model, $"{_context.Identity}/{set.Digest}", bank, set.Weights(FeaturesOf(samples)))
        : new Answerer(_context.Backbone, Answerer.Backbone);

    /// <inheritdoc/>
    public IReadOnlyList<int> Route(IReadOnlyList<TokenizedSample> samples)
    {
        if (_session.Active is not { } set)
        {
            return [.. samples.Select(_ => -1)];
        }

        using var scope = NewDisposeScope();
        var names = set.Router.Experts.Select(expert => _created.FindIndex(created => created.Expert == expert.Name)).Prepend(-1).ToArray();
        return [.. set.Router.Probabilities(FeaturesOf(samples)).argmax(-1).data<long>().ToArray().Select(column => names[column])];
    }

    /// <inheritdoc/>
    public NoveltyVerdict Judge(IReadOnlyList<Sample> samples, IReadOnlyList<TokenizedSample> tokens)
    {
        var aside = tokens.Count / 4;
        var data = new SkillData([.. tokens.Skip(aside)], [.. tokens.Take(aside)]);
        var assessment = new LearnRun(_session, _ => { }, new RunSettings(), CancellationToken.None).AssessWithHeadStart(data).Assessment;
        return new NoveltyVerdict(assessment.NoveltyScore, assessment.Outcome == NoveltyOutcome.Novel);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var features in _features.Values)
        {
            features.Dispose();
        }

        _session.Dispose();
        _workspace.Dispose();
    }

    private Tensor FeaturesOf(IReadOnlyList<TokenizedSample> samples)
    {
        if (!_features.TryGetValue(samples, out var features))
        {
            _features[samples] = features = _session.Describer.Features([.. samples.Select(FeatureExtractor.PromptOf)]);
        }

        return features;
    }

    private WorkspaceSession Open(long budget)
    {
        _budget = budget;
        return WorkspaceSession.Open(_workspace, new ComputePlace(CPU, ScalarType.Float32), PolicyOf(budget));
    }

    // The product's own defaults but for the shape, rate and budget that all arms share, and the mode, which is tuned with the rate: a probe of so small
    // a budget cannot tell Full from Activated for each skill.
    private LearningPolicy PolicyOf(long budget)
    {
        var (settings, defaults) = (_context.Settings, new LearningPolicy());
        var step = settings.Rows * settings.RowLength;
        var steps = Math.Max(1, (int)(budget / step));
        return defaults with
        {
            Experts = defaults.Experts with
            {
                Adapter = new LoraConfig { Rank = settings.Rank, Alpha = 2 * settings.Rank },
                Rank = new RankPolicy { BaseRank = settings.Rank, LargestRank = 4 * settings.Rank },
                ProbePercent = 15,
                Mode = new ModeChoiceOptions { Mode = _context.Mode == AdapterMode.Full ? ModeRequest.Full : ModeRequest.Activated },
                Training = TrainingOptions.Expert with
                {
                    Rows = settings.Rows,
                    Context = settings.RowLength,
                    MaxSteps = null,

                    // Training ends after the step that spends it; the other arms end before.
                    MaxTokens = Math.Max(1, budget - step),
                    Seeding = new SeedingOptions { Rate = _context.Rate, WarmUpSteps = settings.WarmUpSteps, MaxSteps = Math.Max(1, steps * 2 / 5) },
                    Consolidation = new ConsolidationOptions { Rate = _context.Rate / 2, FinalRate = _context.Rate / 20 },
                    EvaluateEvery = Math.Max(1, steps / 8),
                    Seed = (long)_context.Seed,
                },
            },
        };
    }
}
