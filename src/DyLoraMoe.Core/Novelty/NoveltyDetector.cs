using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Features;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Novelty;

/// <summary>
/// Decides on a batch of samples whether a skill is new. For each of the nearest known skills, every signal's score gets a p-value
/// from the skill's own held-out samples; the batch is known when for some skill the p-values, taken together, are not smaller than
/// the stated false-alarm rate. Where none fits, the experts are asked: one that recovers most of the gain it has on its own data
/// knows the task in other words.
/// </summary>
/// <param name="library">What is known.</param>
/// <param name="describer">Describes the batch; the one that the library was made with.</param>
/// <param name="options">Rates and limits; the defaults when null.</param>
/// <param name="routerEntropy">The router's entropies, (N, F) features to (N); null without a router.</param>
public sealed class NoveltyDetector(SkillLibrary library, ISampleDescriber describer, NoveltyOptions? options = null, Func<Tensor, Tensor>? routerEntropy = null)
{
    private readonly NoveltyOptions _options = options ?? new NoveltyOptions();

    /// <summary>The signals, in the order of reports.</summary>
    public IReadOnlyList<INoveltySignal> Signals { get; init; } =
    [
        new WhitenedCosineSignal(),
        .. routerEntropy is null ? Array.Empty<INoveltySignal>() : [new RouterEntropySignal(routerEntropy)],
        new GradientDistanceSignal(),
        new LikelihoodRatioSignal(),
    ];

    /// <summary>Assesses a batch.</summary>
    /// <param name="samples">The batch.</param>
    /// <param name="losses">Asks backbone and experts; without it, nobody's loss counts and unknown prompts are novel.</param>
    /// <param name="cancellation">Stops between batches of the description.</param>
    public NoveltyAssessment Assess(IReadOnlyList<TokenizedSample> samples, IExpertLosses? losses = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(samples);
        _options.Validate();
        var found = new NoveltyAssessment { Outcome = NoveltyOutcome.Novel, Reason = "", FalseAlarmRate = _options.FalseAlarmRate, Samples = samples.Count, NoveltyScore = 1 };
        if (samples.Count < _options.LeastSamples)
        {
            return found with
            {
                Outcome = NoveltyOutcome.InsufficientData,
                Reason = $"the batch has {samples.Count} samples, at least {_options.LeastSamples} are needed",
                NoveltyScore = 0,
            };
        }

        using var scope = NewDisposeScope();
        using var space = new SkillSpace(library);
        if (space.Skills.Count == 0)
        {
            return found with { Reason = "the library knows no skill yet" };
        }

        using var features = describer.Features([.. samples.Select(FeatureExtractor.PromptOf)], null, cancellation);
        using var gradients = describer.Gradients(samples, null, cancellation);
        using var _ = no_grad();
        var whitened = space.Whiten(library.Projection.Of(features));                                       // (N, K)
        var near = Nearest(space, whitened);
        var (backbone, experts) = Ask(samples, losses, near);
        var batch = new BatchUnderTest
        {
            Samples = samples,
            Features = features,
            Whitened = whitened,
            Gradients = gradients.to_type(ScalarType.Float64),
            BackboneLosses = backbone,
            ExpertLosses = experts,
        };
        var matches = near.Select(each => Match(space, each.Skill, each.Distance, batch))
            .OrderByDescending(match => match.PValue).ThenBy(match => match.Distance).ToList();
        return new NoveltyDecision(_options).Decide(found with
        {
            NearestSkill = matches[0].Skill,
            PValue = matches[0].PValue,
            Skills = matches,
            Experts = backbone is null ? [] : Recoveries(backbone, experts),
        });
    }

    private List<(KnownSkill Skill, double Distance)> Nearest(SkillSpace space, Tensor whitened)
    {
        using var scope = NewDisposeScope();
        var distances = space.Distances(whitened.mean([0], keepdim: true)).data<double>().ToArray();        // (1, S)
        return [.. space.Skills.Zip(distances).OrderBy(pair => pair.Second).Take(_options.Candidates)];
    }

    private static (IReadOnlyList<SampleLoss>? Backbone, Dictionary<string, IReadOnlyList<SampleLoss>> Experts) Ask(
        IReadOnlyList<TokenizedSample> samples, IExpertLosses? losses, List<(KnownSkill Skill, double Distance)> near)
    {
        var experts = new Dictionary<string, IReadOnlyList<SampleLoss>>(StringComparer.Ordinal);
        foreach (var expert in near.Select(each => each.Skill.Expert).OfType<string>().Distinct(StringComparer.Ordinal))
        {
            if (losses?.Of(expert, samples) is { } answer)
            {
                experts[expert] = answer;
            }
        }

        return (losses?.Backbone(samples), experts);
    }

    private SkillMatch Match(SkillSpace space, KnownSkill skill, double distance, BatchUnderTest batch)
    {
        using var scope = NewDisposeScope();
        var vectors = library.VectorsOf(skill.Name);
        var loaded = new Lazy<Tensor>(() => library.Features(skill.Name, SkillPart.HeldOut));
        var known = new SkillUnderTest
        {
            Skill = skill,
            Embedding = space.Means[space.RowOf(skill.Name)],
            HeldOut = space.Whiten(vectors.HeldOut),
            HeldOutFeatures = () => loaded.Value,
            TrainingGradients = vectors.TrainingGradients,
            HeldOutGradients = vectors.HeldOutGradients,
        };
        var figures = new List<SignalFigure>();
        foreach (var signal in Signals)
        {
            if (signal.Measure(known, batch) is { } statistics)
            {
                var seed = new SeededRandom(_options.Seed, SeededRandom.Key(skill.Name), SeededRandom.Key(signal.Name)).NextUInt64();
                var (score, p, deviations) = BootstrapNull.Test(statistics, _options.Draws, seed);
                figures.Add(new SignalFigure(signal.Name, score, p, deviations));
            }
        }

        if (loaded.IsValueCreated)
        {
            loaded.Value.Dispose();
        }

        var combined = figures.Count == 0 ? 0 : Math.Min(1, figures.Count * figures.Min(figure => figure.PValue));
        return new SkillMatch(skill.Name, skill.Expert, distance, combined, figures);
    }

    private List<ExpertRecovery> Recoveries(IReadOnlyList<SampleLoss> backbone, Dictionary<string, IReadOnlyList<SampleLoss>> experts) =>
        [.. experts.Select(pair => Recovery(pair.Key, Mean(backbone), Mean(pair.Value)))
            .OrderByDescending(recovery => recovery.Share ?? double.NegativeInfinity).ThenBy(recovery => recovery.Expert, StringComparer.Ordinal)];

    private ExpertRecovery Recovery(string expert, double backbone, double loss)
    {
        var own = library.Skills.Where(skill => skill.Expert == expert).Select(skill => skill.Evidence).OfType<ExpertEvidence>().ToList();
        var tokens = (double)own.Sum(evidence => evidence.Tokens.Sum());
        var ownLoss = own.Sum(evidence => evidence.Expert.Sum()) / tokens;
        var ownBackbone = own.Sum(evidence => evidence.Backbone.Sum()) / tokens;
        var ownGain = ownBackbone - ownLoss;
        var possible = backbone - ownLoss;
        var isConclusive = ownGain >= Math.Max(_options.LeastGain, _options.LeastGainShare * ownBackbone) && possible >= _options.LeastGain && double.IsFinite(loss);
        return new ExpertRecovery(expert, loss, backbone, ownLoss, isConclusive ? (backbone - loss) / possible : null);
    }

    private static double Mean(IReadOnlyList<SampleLoss> losses) => losses.Sum(loss => loss.Nats) / losses.Sum(loss => (double)loss.Tokens);
}
