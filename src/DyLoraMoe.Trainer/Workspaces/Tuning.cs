using System.Security.Cryptography;
using System.Text;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Features;
using DyLoraMoe.Core.Lifecycle;
using DyLoraMoe.Core.Novelty;
using DyLoraMoe.Core.Routing;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Trainer.CommandLine;
using static TorchSharp.torch;

namespace DyLoraMoe.Trainer.Workspaces;

/// <summary>
/// Scores a setting: trains an expert with it and measures the skill as the workspace would serve it with that expert, had it not learnt any of these data yet.
/// Who has learnt them would answer in the trial's place, and replay of them would hold what is set aside as test data.
/// </summary>
/// <param name="session">The session.</param>
/// <param name="samples">All samples that are tuned for, test data included.</param>
internal sealed class Tuning(WorkspaceSession session, IEnumerable<Sample> samples)
{
    // Share of the data that tuning never sees.
    private const int TestPercent = 20;

    private const string Name = "(tuned)";

    private readonly ILookup<bool, string> _skills = SkillsOf(session, TextPieces.CutForContext(samples, session.Policy.Data.Context).ToHashSet());

    private WorkspaceState State => session.Workspace.State;

    /// <summary>Skills that have some of the data already. Neither they nor experts that have no other skill take part.</summary>
    public IReadOnlyList<string> LeftOut => [.. _skills[true]];

    /// <summary>Names what a score depends on besides setting, data and budget: the policy, the backbone, and what is served.</summary>
    public string Recipe =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(JsonText.Of(session.Policy) + State.Backbone.Digest + State.ActiveSet + string.Concat(LeftOut.Select(name => "-" + name)))))[..16];

    /// <summary>What a search may look at of a skill's samples: as much to score on as learning measures on.</summary>
    /// <param name="samples">All samples of the skill.</param>
    /// <param name="policy">How data are read.</param>
    public static TuningData DataOf(IEnumerable<Sample> samples, DataPolicy policy) => TuningData.From(
        TextPieces.CutForContext(samples, policy.Context), new HeldOutSplit(policy.HeldOutPercent, TestPercent), heldOut => SkillData.Some(heldOut, SkillData.MostHeldOut));

    /// <summary>How a setting trains: both phases, shrunk to the budget.</summary>
    /// <param name="options">How an expert is trained otherwise.</param>
    /// <param name="setting">The setting.</param>
    /// <param name="budget">Tokens.</param>
    public static TrainingOptions OptionsOf(TrainingOptions options, SearchSetting setting, long budget)
    {
        var rate = setting["seeding-rate"];
        var steps = Math.Max(1, (int)(budget / ((long)options.Rows * options.Context * options.Accumulation)));
        return options with
        {
            MaxSteps = null,
            MaxTokens = budget,
            Seeding = options.Seeding with { Rate = rate, MaxSteps = Math.Max(1, steps / 2), WarmUpSteps = Math.Min(options.Seeding.WarmUpSteps, Math.Max(1, steps / 10)) },
            Consolidation = options.Consolidation with { Rate = rate * setting["rate-share"], FinalRate = rate * setting["rate-share"] / 10 },
            EvaluateEvery = Math.Max(1, steps / 4),
        };
    }

    /// <summary>The validation loss of one setting, in nats per token.</summary>
    public double Evaluate(SearchSetting setting, TuningData data, long budget, string folder, CancellationToken cancellation)
    {
        var tokens = new SampleTokenizer(new TextTokenSource(session.Tokenizer), new TokenizeOptions { MaxTokens = session.Policy.Data.Context + 1, Loss = session.Policy.Data.Loss });
        var (train, validation) = (tokens.TokenizeAll(data.Train), tokens.TokenizeAll(data.Validation));
        var rank = (int)setting["rank"];
        var mode = session.Policy.Experts.Mode.Mode == ModeRequest.Full ? AdapterMode.Full : AdapterMode.Activated;
        using var adapter = LoraAdapter.Create(session.Model, new LoraConfig { Rank = rank, Alpha = 2 * rank, Mode = mode }, session.Policy.Experts.Training.Seed);
        var known = State.Skills.Where(skill => TakesPart(skill.Key))
            .Select(skill => session.Policy.Experts.ReplayOf(skill.Key, session.Data(skill.Value.Datasets).TrainTokens)).ToList();
        using var run = TrainingRun.OfExpert(
            session.Model,
            adapter,
            TrainingData.OfReplay(train, known, known.Count == 0 ? 0 : (int)setting["replay"], SkillData.Some(validation, SkillData.MostChosenBy)),
            OptionsOf(session.Policy.Experts.Training, setting, budget),
            new RunSettings { CheckpointFolder = Path.Combine(folder, "checkpoints-" + budget.ToString(System.Globalization.CultureInfo.InvariantCulture)) });
        var report = run.Run(cancellation);
        if (report.Outcome == TrainingOutcome.Interrupted)
        {
            throw new OperationCanceledException(cancellation);
        }

        var loss = Served(adapter, train, validation, setting["temperature"], cancellation);
        run.RemoveCheckpoints();
        return loss;
    }

    // As a new expert would be served: beside those that are there, dense, by a router that was fitted to all.
    private double Served(LoraAdapter adapter, IReadOnlyList<TokenizedSample> train, IReadOnlyList<TokenizedSample> validation, double temperature, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        var policy = (session.Active?.Router.Options ?? new RouterOptions()) with { Temperature = temperature };
        var anchors = session.Library.AnchorFeatures();
        using var scaling = FeatureScaling.Of(anchors);
        var owners = SetChange.None.Owners(State).Where(pair => TakesPart(pair.Key)).ToList();
        var experts = owners.Select(pair => pair.Value).ToHashSet(StringComparer.Ordinal);
        using var router = StartingRouter.Having(session.Active is { } active ? active.Router.WithOptions(policy) : DynamicHybridRouter.Create(session.Identity, scaling, policy), [.. experts, Name]);
        var skills = new List<SkillFeatures> { new("(backbone)", 0, anchors) };
        skills.AddRange(owners.Select(pair => new SkillFeatures(pair.Key, 1 + router.IndexOf(pair.Value), session.Library.Features(pair.Key, SkillPart.Training))));
        skills.Add(new SkillFeatures(Name, 1 + router.IndexOf(Name), Features(SkillData.Some(train, session.Library.Options.TrainingSamples))));
        using var fitted = RouterTraining.Fit(router, skills, session.Policy.RouterTraining, cancellationToken: cancellation).Router;
        var others = session.Active is { Bank: { } all } set ? set.Router.Experts.Zip(all.Adapters).Where(pair => experts.Contains(pair.First.Name)).Select(pair => pair.Second) : [];
        using var bank = new AdapterBank([.. others, adapter]);
        var weights = fitted.Weights(Features(validation)).data<float>().ToArray().Chunk(bank.Adapters.Count).ToList();
        return session.Evaluator.Evaluate(EvaluationSet.OfSamples(validation), bank, weights, cancellation).Loss;
    }

    private bool TakesPart(string skill) => _skills[false].Contains(skill, StringComparer.Ordinal);

    // Those that have some of the data, and those that have none.
    private static ILookup<bool, string> SkillsOf(WorkspaceSession session, HashSet<Sample> tuned) => session.Workspace.State.Skills
        .Where(skill => skill.Value is { Status: SkillStatus.Ready })
        .ToLookup(skill => session.Data(skill.Value.Datasets) is var data && data.Train.Concat(data.HeldOut).Any(tuned.Contains), skill => skill.Key);

    private Tensor Features(IReadOnlyList<TokenizedSample> samples) => session.Describer.Features([.. samples.Select(FeatureExtractor.PromptOf)]);
}
