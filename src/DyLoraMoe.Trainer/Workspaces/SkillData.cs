using DyLoraMoe.Artifacts;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Data.Reading;
using DyLoraMoe.Core.Novelty;
using DyLoraMoe.Core.Tokenization;

namespace DyLoraMoe.Trainer.Workspaces;

/// <summary>The samples of one dataset, split and as the backbone sees them.</summary>
/// <param name="Digest">The dataset's artifact.</param>
/// <param name="Train">What is learnt from.</param>
/// <param name="HeldOut">What everything is measured on: all that is held out, or as many of it as say enough.</param>
/// <param name="TrainInIds"><paramref name="Train"/> in ids, made when they are asked for: most skills are only measured.</param>
/// <param name="HeldOutInIds"><paramref name="HeldOut"/> in ids.</param>
internal sealed record SkillData(string Digest, IReadOnlyList<Sample> Train, IReadOnlyList<Sample> HeldOut, Lazy<SamplesInIds> TrainInIds, SamplesInIds HeldOutInIds)
{
    /// <summary>Data of ids alone.</summary>
    /// <param name="train">What is learnt from.</param>
    /// <param name="heldOut">What is measured on.</param>
    public SkillData(IReadOnlyList<TokenizedSample> train, IReadOnlyList<TokenizedSample> heldOut)
        : this("", [], [], new Lazy<SamplesInIds>(new SamplesInIds(train, new TokenizeReport())), new SamplesInIds(heldOut, new TokenizeReport()))
    {
    }

    /// <summary>Held-out samples that results are measured on. With more, measuring every skill at every step would cost more than it tells.</summary>
    public const int MostHeldOut = 256;

    /// <summary>Held-out samples that training is chosen by: that is done several times a run, and between experts that differ by more than this many leave uncertain.</summary>
    public const int MostChosenBy = 64;

    private const string FileName = "samples.jsonl";

    private static readonly ulong _choice = SeededRandom.Key("held-out choice");

    /// <summary>Samples in all.</summary>
    public int Count => Train.Count + HeldOut.Count;

    /// <summary>Samples that are held out, those that are not measured included.</summary>
    public int Aside { get; init; } = HeldOut.Count;

    /// <summary><see cref="Train"/> in ids.</summary>
    public IReadOnlyList<TokenizedSample> TrainTokens => TrainInIds.Value.Samples;

    /// <summary><see cref="HeldOut"/> in ids.</summary>
    public IReadOnlyList<TokenizedSample> HeldOutTokens => HeldOutInIds.Samples;

    /// <summary>Prompts that lost tokens on their left, and answers that lost some on their right, for the context is too short for them.</summary>
    public (int Prompts, int Answers) Cut => (
        (int)(TrainInIds.Value.Report.PromptsCut + HeldOutInIds.Report.PromptsCut),
        (int)(TrainInIds.Value.Report.AnswersCut + HeldOutInIds.Report.AnswersCut));

    /// <summary>All samples in ids.</summary>
    public IReadOnlyList<TokenizedSample> AllTokens => [.. TrainTokens, .. HeldOutTokens];

    /// <summary>What training is chosen by while it goes on; results are measured on all of <see cref="HeldOutTokens"/>.</summary>
    public IReadOnlyList<TokenizedSample> ChosenBy => Some(HeldOutTokens, MostChosenBy);

    /// <summary>How many different samples there are to learn from in several datasets, which may overlap.</summary>
    /// <param name="data">The datasets.</param>
    public static int Different(IEnumerable<SkillData> data) => data.SelectMany(each => each.Train).Distinct().Count();

    /// <summary>Publishes samples, each once and in an order of their own, so that the same data have one name however they came.</summary>
    /// <param name="store">Where to.</param>
    /// <param name="samples">The samples.</param>
    /// <param name="context">Most tokens of a sample; longer plain texts are cut at line ends.</param>
    /// <param name="keep">What is kept of the samples once they are in order; all of them when null.</param>
    /// <returns>The dataset's digest.</returns>
    public static string Publish(ArtifactStore store, IEnumerable<Sample> samples, int context, Func<IReadOnlyList<Sample>, IReadOnlyList<Sample>>? keep = null)
    {
        var pieces = Pieces(samples, context);
        return store.Publish(ArtifactKind.Dataset, folder =>
        {
            using var stream = File.Create(Path.Combine(folder, FileName));
            DatasetWriter.WriteJsonLines(stream, keep?.Invoke(pieces) ?? pieces);
        });
    }

    /// <summary>Samples as they are published: each once and in an order of their own.</summary>
    /// <param name="samples">The samples.</param>
    /// <param name="context">Most tokens of a sample; longer plain texts are cut at line ends.</param>
    public static IReadOnlyList<Sample> Pieces(IEnumerable<Sample> samples, int context) =>
    [
        .. TextPieces.CutForContext(samples, context)
            .Distinct()
            .OrderBy(sample => sample.Prompt, StringComparer.Ordinal)
            .ThenBy(sample => sample.Answer, StringComparer.Ordinal)
            .ThenBy(sample => sample.Conversation?.Roles, StringComparer.Ordinal),
    ];

    /// <summary>Reads published datasets as one.</summary>
    /// <param name="store">Where from.</param>
    /// <param name="digests">The datasets, at least one.</param>
    /// <param name="tokenizer">The backbone's tokenizer.</param>
    /// <param name="policy">Context and held-out share.</param>
    public static SkillData Load(ArtifactStore store, IReadOnlyList<string> digests, TextTokenizer tokenizer, DataPolicy policy)
    {
        var samples = digests
            .SelectMany(digest => Dataset.Load(Path.Combine(store.Open(ArtifactKind.Dataset, digest), FileName), new DatasetOptions { KeepCarriageReturns = true, EachRowDecides = true }).Samples)
            .Distinct();
        return Of(samples, tokenizer, policy) with { Digest = string.Join('+', digests) };
    }

    /// <summary>Splits samples that are not published.</summary>
    /// <param name="samples">The samples.</param>
    /// <param name="tokenizer">The backbone's tokenizer.</param>
    /// <param name="policy">Context and held-out share.</param>
    public static SkillData Of(IEnumerable<Sample> samples, TextTokenizer tokenizer, DataPolicy policy) => Of(samples, new TextTokenSource(tokenizer), policy);

    /// <summary>The same with ids of any kind.</summary>
    /// <param name="samples">The samples.</param>
    /// <param name="tokens">Makes ids of texts.</param>
    /// <param name="policy">Context and held-out share.</param>
    public static SkillData Of(IEnumerable<Sample> samples, ITokenSource tokens, DataPolicy policy)
    {
        var (train, aside, _) = new HeldOutSplit(policy.HeldOutPercent).Apply(TextPieces.CutForContext(samples, policy.Context));
        var heldOut = Some(aside, MostHeldOut);
        var options = new TokenizeOptions { MaxTokens = policy.Context + 1, Loss = policy.Loss };
        return new SkillData("", train, heldOut, new Lazy<SamplesInIds>(() => SamplesInIds.Of(train, tokens, options)), SamplesInIds.Of(heldOut, tokens, options)) { Aside = aside.Count };
    }

    /// <summary>Refuses data that are too few to be learnt and recognised again.</summary>
    /// <exception cref="InvalidDataException">They are.</exception>
    public void RequireEnough()
    {
        if (TrainTokens.Count < SkillLibrary.LeastSamples || HeldOutTokens.Count < SkillLibrary.LeastSamples)
        {
            throw new InvalidDataException(
                $"There are {Train.Count} samples to learn from and {HeldOut.Count} held out; at least {SkillLibrary.LeastSamples} of each are needed. Give more data.");
        }
    }

    /// <summary>Some of a list, the same ones every time, in their order.</summary>
    /// <param name="items">The list.</param>
    /// <param name="count">How many at most.</param>
    public static IReadOnlyList<T> Some<T>(IReadOnlyList<T> items, int count)
    {
        if (items.Count <= count)
        {
            return items;
        }

        var order = Enumerable.Range(0, items.Count).ToArray();
        new SeededRandom(1, _choice, (ulong)items.Count).Shuffle(order.AsSpan());
        return [.. order.Take(count).Order().Select(index => items[index])];
    }
}

/// <summary>Samples as the backbone sees them.</summary>
/// <param name="Samples">In ids.</param>
/// <param name="Report">What became of them on the way.</param>
internal sealed record SamplesInIds(IReadOnlyList<TokenizedSample> Samples, TokenizeReport Report)
{
    /// <summary>Makes ids of samples.</summary>
    /// <param name="samples">The samples.</param>
    /// <param name="tokens">Makes ids of texts.</param>
    /// <param name="options">How long they may be and what counts.</param>
    public static SamplesInIds Of(IEnumerable<Sample> samples, ITokenSource tokens, TokenizeOptions options)
    {
        var tokenizer = new SampleTokenizer(tokens, options);
        return new SamplesInIds(tokenizer.TokenizeAll(samples), tokenizer.Report);
    }
}

/// <summary>
/// How data are read. A workspace keeps to what it was made with: another share or context would measure experts on what they learnt from, or old
/// skills on other tokens than before.
/// </summary>
/// <param name="Context">Most tokens of a sample.</param>
/// <param name="HeldOutPercent">Share that is measured and not learnt.</param>
/// <param name="Loss">Which tokens count.</param>
internal sealed record DataPolicy(int Context, int HeldOutPercent, LossOn Loss);
