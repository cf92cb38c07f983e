using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Features;
using DyLoraMoe.Core.Generation;
using DyLoraMoe.Core.Memory.Dreams;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Tokenization;

namespace DyLoraMoe.Core.Training.Distillation;

/// <summary>
/// Texts that a teacher dreams: walks over memories bring two or three together, their crossing is a prompt, and the teacher goes on from it. Nothing is judged, since
/// what is learnt is what the teacher predicts there, and not whether it is right.
/// </summary>
public static class DreamtText
{
    private const int MostMemories = 256;
    private const int RowsAtOnce = 64;
    private const int CharactersPerToken = 4;
    private const string Wording = "data";

    /// <summary>Dreams.</summary>
    /// <param name="teacher">The teacher.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="data">What is remembered: prompts, and the beginnings of plain texts. At most 256 of them, evenly spread.</param>
    /// <param name="count">Walks. Those that meet nothing new, or what was dreamt before, give no text.</param>
    /// <param name="longest">Most tokens of a text, of which a prompt has at most half.</param>
    /// <param name="seed">Seed of everything.</param>
    /// <param name="cancellation">Stops between batches of texts.</param>
    public static IReadOnlyList<TokenizedSample> Of(
        CausalLanguageModel teacher, TextTokenizer tokenizer, IReadOnlyList<Sample> data, int count, int longest, int seed = 1, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(teacher);
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(data);
        var graph = Graph(teacher, tokenizer, data, longest, cancellation);
        var frames = new Dictionary<string, TextFrame>(StringComparer.Ordinal) { [Wording] = TextFrame.Of([.. graph.Nodes.Select(node => node.Sample.Prompt)]) };
        var options = new DreamOptions { Seed = seed };
        var walks = new MemoryWalk(graph, options);
        var prompts = Enumerable.Range(0, count).Select(Prompt).OfType<string>().Distinct(StringComparer.Ordinal).Select(Ids).Where(ids => ids.Length > 0).ToList();
        var generator = new TokenGenerator(teacher);
        var texts = new List<TokenizedSample>();
        foreach (var (at, rows) in prompts.Chunk(RowsAtOnce).Index())
        {
            cancellation.ThrowIfCancellationRequested();
            var generation = new GenerationOptions { MaxTokens = longest - rows.Max(ids => ids.Length), Temperature = 1, Seed = seed + at, EosTokenIds = teacher.Config.EosTokenIds };
            var answers = generator.Generate(rows, generation, cancellationToken: cancellation);
            texts.AddRange(rows.Zip(answers, (prompt, answer) => TokenizedSample.Whole([.. prompt, .. answer.Ids])).Where(text => text.Positions > 0));
        }

        cancellation.ThrowIfCancellationRequested();
        return texts;

        string? Prompt(int number)
        {
            var random = new SeededRandom((ulong)seed, SeededRandom.Key("dreamt text"), (ulong)number);
            var met = MemoryWalk.Collision(walks.Take(number), random.Chance(options.Triples) ? 3 : 2);
            return DreamCollision.Of([.. met.Select(node => graph.Nodes[node])], frames, random);
        }

        int[] Ids(string prompt) => [.. tokenizer.Encode(prompt, addSpecialTokens: false, parseSpecialTokens: false).Take(longest / 2)];
    }

    // Walks begin at what the teacher is unsure of; edges join what it describes alike, and what follows each other.
    private static MemoryGraph Graph(CausalLanguageModel teacher, TextTokenizer tokenizer, IReadOnlyList<Sample> data, int longest, CancellationToken cancellation)
    {
        var source = new SampleTokenizer(new TextTokenSource(tokenizer), new TokenizeOptions { MaxTokens = longest });
        List<Sample> all = [.. TextPieces.Cut(data, longest * CharactersPerToken).Select(Remembered).OfType<Sample>()];
        var memories = Enumerable.Range(0, Math.Min(MostMemories, all.Count)).Select(at => all[(int)((long)at * all.Count / Math.Min(MostMemories, all.Count))])
            .Select(sample => (Sample: sample, Tokens: source.Tokenize(sample)))
            .Where(memory => memory.Tokens.Count == 1)
            .ToList();
        if (memories.Count == 0)
        {
            throw new InvalidDataException($"Nothing can be dreamt of {data.Count} texts: none has a beginning and an end within {longest} tokens.");
        }

        var losses = new LanguageModelEvaluator(teacher).Evaluate(EvaluationSet.OfSamples([.. memories.Select(memory => memory.Tokens[0])]), cancellation: cancellation).Samples;
        using var extractor = new FeatureExtractor(teacher);
        using var features = extractor.Of([.. memories.Select(memory => FeatureExtractor.PromptOf(memory.Tokens[0]))], cancellation: cancellation);
        using var host = features.cpu();
        return new MemoryGraph(
            [.. memories.Zip(losses, (memory, loss) => new MemoryNode(Wording, memory.Sample, Strength: 1, Recency: 1, loss.Loss))],
            [.. host.data<float>().ToArray().Chunk((int)host.shape[1])]);
    }

    // Of a plain text the first half, to a space, stands for a prompt. Null for what is too short to be one.
    private static Sample? Remembered(Sample sample)
    {
        if (!sample.IsPlainText)
        {
            return sample.Prompt.Length > 0 && sample.Answer.Length > 0 ? Sample.Pair(sample.Prompt, sample.Answer) : null;
        }

        var text = sample.Answer.Trim();
        var cut = text.Length == 0 ? -1 : text.LastIndexOf(' ', text.Length / 2);
        return cut > 0 ? Sample.Pair(text[..cut], text[cut..]) : null;
    }
}
