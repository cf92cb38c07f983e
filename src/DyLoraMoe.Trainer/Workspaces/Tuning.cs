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

/// <summary>Scores a setting: trains an expert with it and measures the skill as the workspace would serve it with that expert.</summary>
internal sealed class Tuning(WorkspaceSession session)
{
    // Share of the data that tuning never sees.
    private const int TestPercent = 20;

    private const string Name = "(tuned)";

    private WorkspaceState State => session.Workspace.State;

    /// <summary>Names what a score depends on besides setting, data and budget: the policy, the backbone, and what is served.</summary>
    public string Recipe =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(JsonText.Of(session.Policy) + State.Backbone.Digest + State.ActiveSet)))[..16];

    /// <summary>What a search may look at of a skill's samples: as much to score on as learning measures on.</summary>
    /// <param name="samples">All samples of the skill.</param>
    /// <param name="policy">How data are read.</param>
    public static TuningData DataOf(IEnumerable<Sample> samples, DataPolicy policy) => TuningData.From(
        TextPieces.CutForContext(samples, policy.Context), new HeldOutSplit(policy.HeldOutPercent, TestPercent), heldOut => SkillData.Some(heldOut, SkillData.MostHeldOut));

    /// <summary>The validation loss of one setting, in nats per token.</summary>
    public double Evaluate(SearchSetting setting, TuningData data, long budget, string folder, CancellationToken cancellation)
    {
        var tokens = new SampleTokenizer(new TextTokenSource(session.Tokenizer), new TokenizeOptions { MaxTokens = session.Policy.Data.Context + 1, Loss = session.Policy.Data.Loss });
        var (train, validation) = (tokens.TokenizeAll(data.Train), tokens.TokenizeAll(data.Validation));
        var rank = (int)setting["rank"];
        var mode = session.Policy.Experts.Mode.Mode == ModeRequest.Full ? AdapterMode.Full : AdapterMode.Activated;
        using var adapter = LoraAdapter.Create(session.Model, new LoraConfig { Rank = rank, Alpha = 2 * rank, Mode = mode }, session.Policy.Experts.Training.Seed);
        var known = State.Skills.Where(skill => skill.Value is { Status: SkillStatus.Ready })
            .Select(skill => session.Policy.Experts.ReplayOf(skill.Key, session.Data(skill.Value.Datasets).TrainTokens)).ToList();
        using var run = TrainingRun.OfExpert(
            session.Model,
            adapter,
            TrainingData.OfReplay(train, known, known.Count == 0 ? 0 : (int)setting["replay"], SkillData.Some(validation, SkillData.MostChosenBy)),
            OptionsOf(setting, budget),
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

    private TrainingOptions OptionsOf(SearchSetting setting, long budget)
    {
        var (options, rate) = (session.Policy.Experts.Training, setting["seeding-rate"]);
        var steps = Math.Max(1, (int)(budget / (options.Rows * options.Context)));
        return options with
        {
            MaxSteps = null,
            MaxTokens = budget,
            Seeding = options.Seeding with { Rate = rate, MaxSteps = Math.Max(1, steps / 2), WarmUpSteps = Math.Min(options.Seeding.WarmUpSteps, Math.Max(1, steps / 10)) },
            Consolidation = options.Consolidation with { Rate = rate * setting["rate-share"], FinalRate = rate * setting["rate-share"] / 10 },
            EvaluateEvery = Math.Max(1, steps / 4),
        };
    }

    // As a new expert would be served: beside those that are there, dense, by a router that was fitted to all.
    private double Served(LoraAdapter adapter, IReadOnlyList<TokenizedSample> train, IReadOnlyList<TokenizedSample> validation, double temperature, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        var policy = (session.Active?.Router.Options ?? new RouterOptions()) with { Temperature = temperature };
        var anchors = session.Library.AnchorFeatures();
        using var scaling = FeatureScaling.Of(anchors);
        using var start = session.Active is { } active ? active.Router.WithOptions(policy) : DynamicHybridRouter.Create(session.Identity, scaling, policy);
        using var router = start.WithExpert(Name);
        var skills = new List<SkillFeatures> { new("(backbone)", 0, anchors) };
        skills.AddRange(SetChange.None.Owners(State).Select(pair => new SkillFeatures(pair.Key, 1 + router.IndexOf(pair.Value), session.Library.Features(pair.Key, SkillPart.Training))));
        skills.Add(new SkillFeatures(Name, 1 + router.IndexOf(Name), Features(SkillData.Some(train, session.Library.Options.TrainingSamples))));
        using var fitted = RouterTraining.Fit(router, skills, session.Policy.RouterTraining, cancellationToken: cancellation).Router;
        var adapters = session.Active is { Bank: { } others } ? [.. others.Adapters, adapter] : new[] { adapter };
        using var bank = new AdapterBank(adapters);
        var weights = fitted.Weights(Features(validation)).data<float>().ToArray().Chunk(adapters.Length).ToList();
        return session.Evaluator.Evaluate(EvaluationSet.OfSamples(validation), bank, weights, cancellation).Loss;
    }

    private Tensor Features(IReadOnlyList<TokenizedSample> samples) => session.Describer.Features([.. samples.Select(FeatureExtractor.PromptOf)]);
}
