using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Features;
using TorchSharp;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Novelty;

/// <summary>
/// Decides on a batch of samples whether a skill is new. For each of the nearest known skills, every signal's score gets a p-value
/// from the skill's own held-out samples; the batch is known when for some skill the p-values, taken together, are not smaller than
/// the stated false-alarm rate. Where none fits, the batch is put into the words of those skills and judged again: the same task in
/// other words is a known batch then, and an expert whose prompts fit and whose answers do not follows another rule. Only where that
/// says nothing does the share count that an expert recovers of the gain it has on its own data, over the backbone and over the frequencies
/// of the tokens: a backbone that does not know the language gains from every expert that has seen any of it.
/// </summary>
/// <param name="library">What is known.</param>
/// <param name="describer">Describes the batch; the one that the library was made with.</param>
/// <param name="options">Rates and limits; the defaults when null.</param>
/// <param name="routerEntropies">The router's entropies; null without a router.</param>
public sealed class NoveltyDetector(SkillLibrary library, ISampleDescriber describer, NoveltyOptions? options = null, IRouterEntropies? routerEntropies = null)
{
    private readonly NoveltyOptions _options = options ?? new NoveltyOptions();

    /// <summary>The signals, in the order of reports.</summary>
    public IReadOnlyList<INoveltySignal> Signals { get; init; } =
    [
        new WhitenedCosineSignal(),
        .. routerEntropies is null ? Array.Empty<INoveltySignal>() : [new RouterEntropySignal(routerEntropies)],
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

        using var _ = no_grad();
        var batch = Prompts(scope, space, samples, cancellation);
        var near = Nearest(space, batch.Whitened);
        batch = WithAnswers(batch, near.Select(each => each.Skill.Expert), losses, cancellation);
        var matches = Ordered(near.Select(each => Match(space, each.Skill, each.Distance, batch, Signals)));
        return new NoveltyDecision(_options).Decide(found with
        {
            NearestSkill = matches[0].Skill,
            PValue = matches[0].PValue,
            Skills = matches,
            Reworded = matches[0].PValue > _options.FalseAlarmRate ? [] : Ordered(near.SelectMany(each => Reworded(scope, space, each.Skill, samples, losses, cancellation))),
            Experts = [.. batch.ExpertLosses.Keys.Select(expert => Recovery(expert, batch)!)
                .OrderByDescending(recovery => recovery.Share ?? double.NegativeInfinity).ThenBy(recovery => recovery.Expert, StringComparer.Ordinal)],
        });
    }

    // The batch put into the words of a skill, if it came in others. Where its prompts look like the skill's then, the answers tell whether the rule is the same.
    private IEnumerable<SkillMatch> Reworded(
        DisposeScope scope, SkillSpace space, KnownSkill skill, IReadOnlyList<TokenizedSample> samples, IExpertLosses? losses, CancellationToken cancellation)
    {
        var own = PromptFrame.Of([.. samples.Select(FeatureExtractor.PromptOf)], describer.Texts);
        foreach (var frame in skill.Datasets.Select(dataset => dataset.Frame).OfType<PromptFrame>().DistinctBy(frame => frame.Words).Where(frame => !frame.HasSameWords(own)))
        {
            List<TokenizedSample> reworded = [.. samples.Select(sample => own.Reword(sample, frame, describer.Texts)).OfType<TokenizedSample>()];
            if (reworded.Count < _options.LeastSamples)
            {
                continue;
            }

            var batch = Prompts(scope, space, reworded, cancellation);
            using var distances = space.Distances(batch.Whitened.mean([0], keepdim: true));
            var match = Match(space, skill, distances[0, space.RowOf(skill.Name)].item<double>(), batch, [.. Signals.Where(signal => !signal.LooksAtAnswers)]);
            if (match.PValue > _options.FalseAlarmRate)
            {
                yield return Match(space, skill, match.Distance, WithAnswers(batch, [skill.Expert], losses, cancellation), Signals);
            }
        }
    }

    private BatchUnderTest Prompts(DisposeScope scope, SkillSpace space, IReadOnlyList<TokenizedSample> samples, CancellationToken cancellation)
    {
        var features = describer.Features([.. samples.Select(FeatureExtractor.PromptOf)], null, cancellation);
        scope.Attach(features);
        return new BatchUnderTest
        {
            Samples = samples,
            Features = features,
            Whitened = space.Whiten(library.Projection.Of(features)),                                        // (N, K)
            Gradients = zeros([0, 0], ScalarType.Float64),
        };
    }

    private BatchUnderTest WithAnswers(BatchUnderTest batch, IEnumerable<string?> owners, IExpertLosses? losses, CancellationToken cancellation)
    {
        using var gradients = describer.Gradients(batch.Samples, null, cancellation);
        var experts = new Dictionary<string, IReadOnlyList<SampleLoss>>(StringComparer.Ordinal);
        foreach (var expert in owners.OfType<string>().Distinct(StringComparer.Ordinal))
        {
            if (losses?.Of(expert, batch.Samples) is { } answer)
            {
                experts[expert] = answer;
            }
        }

        return batch with { Gradients = gradients.to_type(ScalarType.Float64), BackboneLosses = losses?.Backbone(batch.Samples), ExpertLosses = experts, UnigramLoss = UnigramLoss.Of(batch.Samples) };
    }

    private static List<SkillMatch> Ordered(IEnumerable<SkillMatch> matches) => [.. matches.OrderByDescending(match => match.PValue).ThenBy(match => match.Distance)];

    private List<(KnownSkill Skill, double Distance)> Nearest(SkillSpace space, Tensor whitened)
    {
        using var scope = NewDisposeScope();
        var distances = space.Distances(whitened.mean([0], keepdim: true)).data<double>().ToArray();        // (1, S)
        return [.. space.Skills.Zip(distances).OrderBy(pair => pair.Second).Take(_options.Candidates)];
    }

    private SkillMatch Match(SkillSpace space, KnownSkill skill, double distance, BatchUnderTest batch, IReadOnlyList<INoveltySignal> signals)
    {
        using var scope = NewDisposeScope();
        var vectors = library.VectorsOf(skill.Name);
        var loaded = new Lazy<Tensor>(() => library.Features(skill.Name, SkillPart.HeldOut));
        var known = new SkillUnderTest
        {
            Skill = skill,
            Embedding = space.Means[space.RowOf(skill.Name)],
            EmbeddingFrom = vectors.Training.shape[0],
            HeldOut = space.Whiten(vectors.HeldOut),
            HeldOutFeatures = () => loaded.Value,
            TrainingGradients = vectors.TrainingGradients,
            HeldOutGradients = vectors.HeldOutGradients,
        };
        var (all, prompts) = (new List<SignalFigure>(), new List<SignalFigure>());
        foreach (var signal in signals)
        {
            if (signal.Measure(known, batch) is { } statistics)
            {
                var seed = new SeededRandom(_options.Seed, SeededRandom.Key(skill.Name), SeededRandom.Key(signal.Name)).NextUInt64();
                var (score, p, deviations) = BootstrapNull.Test(statistics, _options.DrawsFor(Signals.Count), seed);
                all.Add(new SignalFigure(signal.Name, score, p, deviations));
                prompts.AddRange(signal.LooksAtAnswers ? [] : all[^1..]);
            }
        }

        if (loaded.IsValueCreated)
        {
            loaded.Value.Dispose();
        }

        return new SkillMatch(skill.Name, skill.Expert, distance, Combined(all), all)
        {
            PromptPValue = Combined(prompts),
            Recovery = skill.Expert is { } expert ? Recovery(expert, batch) : null,
        };
    }

    private static double Combined(List<SignalFigure> figures) => figures.Count == 0 ? 0 : Math.Min(1, figures.Count * figures.Min(figure => figure.PValue));

    private ExpertRecovery? Recovery(string expert, BatchUnderTest batch)
    {
        if (batch.BackboneLosses is not { } bare || !batch.ExpertLosses.TryGetValue(expert, out var answers))
        {
            return null;
        }

        var (backbone, unigram, loss) = (Mean(bare), batch.UnigramLoss, Mean(answers));
        var own = library.Skills.Where(skill => skill.Expert == expert).Select(skill => skill.Evidence).OfType<ExpertEvidence>().ToList();
        var tokens = (double)own.Sum(evidence => evidence.Tokens.Sum());
        var ownLoss = own.Sum(evidence => evidence.Expert.Sum()) / tokens;
        var ownBackbone = own.Sum(evidence => evidence.Backbone.Sum()) / tokens;
        var ownGain = ownBackbone - ownLoss;
        var possible = backbone - ownLoss;
        var isConclusive = ownGain >= Math.Max(_options.LeastGain, _options.LeastGainShare * ownBackbone) && possible >= _options.LeastGain && double.IsFinite(loss);
        return new ExpertRecovery(expert, loss, backbone, unigram, ownLoss, isConclusive ? (backbone - loss) / possible : null)
        {
            ShareBeyondUnigram = isConclusive && unigram - ownLoss >= _options.LeastGain ? (unigram - loss) / (unigram - ownLoss) : null,
        };
    }

    private static double Mean(IReadOnlyList<SampleLoss> losses) => losses.Sum(loss => loss.Nats) / losses.Sum(loss => (double)loss.Tokens);
}
