using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Data.Corpus;
using DyLoraMoe.Trainer.Predictions.World;

namespace DyLoraMoe.Trainer.Predictions.Trials;

/// <summary>The tests of one paired run.</summary>
/// <param name="world">What is taught.</param>
/// <param name="tokenizer">Makes ids of pairs.</param>
/// <param name="size">How many.</param>
internal sealed class Examination(LetterWorld world, SampleTokenizer tokenizer, TrialSize size)
{
    /// <summary>Seed of the documents that are held out. The backbone's own have others.</summary>
    private const ulong HeldOutCorpus = 0x5eed_0001;

    /// <summary>Seed of the documents that stand for what was learnt before.</summary>
    private const ulong EarlierCorpus = 0x5eed_0002;

    /// <summary>Seed of the documents that gauges watch.</summary>
    private const ulong GuardingCorpus = 0x5eed_0003;

    private const int GuardingDocuments = 24;

    private readonly IReadOnlyList<Sample> _usual = [.. world.Usual.Take(size.TestSamples)];
    private readonly IReadOnlyList<Sample> _frames = [.. world.NovelFrames.Take(size.TestSamples)];
    private readonly IReadOnlyList<Sample> _pairs = [.. world.UntaughtPairs.Take(size.TestSamples)];
    private readonly IReadOnlyDictionary<string, List<TokenizedSample>> _canaries = ByFamily(tokenizer, HeldOutCorpus, size.Documents);

    /// <summary>Held-out answers that decide how far training has come, and on which steps are measured.</summary>
    public IReadOnlyList<TokenizedSample> HeldOut { get; } = tokenizer.TokenizeAll(world.Usual.Take(size.TestSamples));

    /// <summary>Held-out contexts as ids.</summary>
    public IReadOnlyList<int[]> Contexts => [.. HeldOut.Take(16).Select(sample => sample.Ids[..(sample.AnswerStart - 1)])];

    /// <summary>Samples of what the backbone learnt first, for replay; none of them is held out.</summary>
    /// <param name="tokenizer">Makes ids.</param>
    /// <param name="count">How many documents.</param>
    public static IReadOnlyList<TokenizedSample> Earlier(SampleTokenizer tokenizer, int count) =>
        tokenizer.TokenizeAll(Documents(EarlierCorpus, count).Select(document => Sample.PlainText(document.Text)));

    /// <summary>Samples of what the backbone learnt first, for gauges, by family; none of them is held out or replayed.</summary>
    /// <param name="tokenizer">Makes ids.</param>
    public static IReadOnlyDictionary<string, List<TokenizedSample>> Guarding(SampleTokenizer tokenizer) => ByFamily(tokenizer, GuardingCorpus, GuardingDocuments);

    /// <summary>All tests.</summary>
    /// <param name="examinee">Who answers.</param>
    /// <param name="cancellation">Stops between tokens.</param>
    public Ability Of(Examinee examinee, CancellationToken cancellation) => new()
    {
        Usual = examinee.Score(_usual, tokenizer.TokenizeAll(_usual), cancellation),
        NovelFrames = examinee.Score(_frames, tokenizer.TokenizeAll(_frames), cancellation),
        UntaughtPairs = examinee.Score(_pairs, tokenizer.TokenizeAll(_pairs), cancellation),
        // An adapter of mode Activated leaves plain text as it was; so the model itself is asked.
        Canaries = new SortedDictionary<string, double>(_canaries.ToDictionary(family => family.Key, family => (examinee with { Adapter = null }).Nats(family.Value)), StringComparer.Ordinal),
    };

    private static Dictionary<string, List<TokenizedSample>> ByFamily(SampleTokenizer tokenizer, ulong seed, int count) => Documents(seed, count)
        .GroupBy(document => document.Family)
        .ToDictionary(family => family.Key, family => tokenizer.TokenizeAll(family.Select(document => Sample.PlainText(document.Text))), StringComparer.Ordinal);

    private static IEnumerable<CorpusDocument> Documents(ulong seed, int count)
    {
        var each = Math.Max(1, count / CorpusCatalog.Families.Count);
        var taken = CorpusCatalog.Families.ToDictionary(family => family.Name, _ => 0, StringComparer.Ordinal);
        return new CorpusGenerator(seed).Documents().Where(document => taken[document.Family]++ < each).Take(each * taken.Count);
    }
}
