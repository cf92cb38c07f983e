using DyLoraMoe.Artifacts;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Data.Reading;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Safetensors;
using DyLoraMoe.Core.Tokenization;
using DyLoraMoe.Core.Training.Distillation;
using DyLoraMoe.Trainer.CommandLine;

namespace DyLoraMoe.Trainer.Growth.Copies;

/// <summary>The texts of a distillation, as tokens.</summary>
/// <param name="Taught">What the teacher is asked about.</param>
/// <param name="Data">What is learnt from its own tokens, where data take over.</param>
/// <param name="Looked">Some text that is not the judge, to look at what units do.</param>
/// <param name="HeldOut">The judge: of the data where there are some, else made up by the teacher.</param>
/// <param name="IsReal">Whether the judge is data.</param>
internal sealed record TeachingTexts(int[] Taught, int[] Data, EvaluationSet Looked, EvaluationSet HeldOut, bool IsReal)
{
    private const string CacheFile = "samples.json";
    private const int LookedWindows = 64;
    private const int JudgeTexts = 64;
    private const int JudgeSeed = 1 << 20;

    /// <summary>Reads data and lets the teacher make up what is asked for.</summary>
    /// <param name="choice">What is asked for.</param>
    /// <param name="folder">The teacher's folder.</param>
    /// <param name="teacher">The teacher.</param>
    /// <param name="work">Where texts are kept for a run that goes on; null for none.</param>
    /// <param name="cancellation">Stops between batches of texts.</param>
    public static TeachingTexts Of(TeachingChoice choice, string folder, CausalLanguageModel teacher, string? work, CancellationToken cancellation)
    {
        var (context, isReal) = (choice.Training.Context, choice.Files.Count > 0);
        var (texts, data, heldOut) = isReal ? Read(choice, folder) : ([], [], []);
        var makesUp = choice.Steps > 0 && (choice.Inputs & (TeachingInputs.Samples | TeachingInputs.Dreams)) != 0;
        var made = !isReal || makesUp ? MadeUp(choice, folder, teacher, work, isReal, texts, cancellation) : new Cache("", [], [], []);
        var taught = new List<int>(made.Dreams);
        if (choice.Inputs.HasFlag(TeachingInputs.Samples))
        {
            taught.AddRange(made.Samples);
        }

        if (choice.Inputs.HasFlag(TeachingInputs.Random))
        {
            taught.AddRange(TeachingText.Random(teacher.Config.VocabularySize, choice.Texts, context, (ulong)choice.Training.Seed).SelectMany(text => text.Ids));
        }

        if (choice.Inputs.HasFlag(TeachingInputs.Data))
        {
            taught.AddRange(data);
        }

        return new TeachingTexts(
            [.. taught],
            data,
            EvaluationSet.OfSamples([.. TeachingText.Windows(isReal ? data : made.Samples, context).Take(LookedWindows)]),
            EvaluationSet.OfSamples(TeachingText.Windows(isReal ? heldOut : made.Judge, context)),
            isReal);
    }

    /// <summary>Samples of skills, beside what the teacher makes up where that is needed.</summary>
    /// <param name="choice">What is asked for.</param>
    /// <param name="folder">The teacher's folder.</param>
    /// <param name="teacher">The teacher.</param>
    /// <param name="work">Where texts are kept for a run that goes on.</param>
    /// <param name="train">Samples to learn from.</param>
    /// <param name="heldOut">The judge; none for one that the teacher makes up.</param>
    /// <param name="cancellation">Stops between batches of texts.</param>
    public static TeachingTexts OfSamples(
        TeachingChoice choice,
        string folder,
        CausalLanguageModel teacher,
        string work,
        IReadOnlyList<TokenizedSample> train,
        IReadOnlyList<TokenizedSample> heldOut,
        CancellationToken cancellation)
    {
        var isReal = heldOut.Count > 0;
        var made = !isReal || choice.Steps > 0 ? MadeUp(choice, folder, teacher, work, isReal, [], cancellation) : new Cache("", [], [], []);
        return new TeachingTexts(
            made.Samples,
            [.. train.SelectMany(sample => sample.Ids)],
            EvaluationSet.Empty,
            EvaluationSet.OfSamples(isReal ? heldOut : TeachingText.Windows(made.Judge, choice.Training.Context)),
            isReal);
    }

    private static (List<Sample> Texts, int[] Data, int[] HeldOut) Read(TeachingChoice choice, string folder)
    {
        var tokenizer = TextTokenizer.Load(folder);
        var dataset = Dataset.Load(choice.Files, new DatasetOptions { TextField = choice.TextField });
        var (train, heldOut) = TextPieces.Split(dataset.Samples, new HeldOutSplit(choice.HeldOutPercent), choice.Training.Context);
        var (data, judge) = (Tokens(train), Tokens(heldOut));
        return Math.Min(data.Length, judge.Length) > choice.Training.Context
            ? (train, data, judge)
            : throw new InvalidDataException(
                $"The data are too short: {dataset.Samples.Count} texts were read, which leave {data.Length} tokens to learn and {judge.Length} to measure, expected more than {choice.Training.Context} of both. Give more text, a larger --held-out or a smaller --context.");

        int[] Tokens(List<Sample> samples) => [.. samples.SelectMany(sample =>
        {
            var ids = tokenizer.Encode(sample.Text, addSpecialTokens: false, parseSpecialTokens: false);
            return tokenizer.EosId is { } end ? ids.Append(end) : ids;
        })];
    }

    // Drawing takes time, and a run that goes on must find the very same texts.
    private static Cache MadeUp(TeachingChoice choice, string folder, CausalLanguageModel teacher, string? work, bool hasJudge, List<Sample> texts, CancellationToken cancellation)
    {
        var (seed, context) = ((int)choice.Training.Seed, choice.Training.Context);
        var dreams = choice.Steps > 0 && choice.Inputs.HasFlag(TeachingInputs.Dreams);
        var draws = !hasJudge || choice.Inputs.HasFlag(TeachingInputs.Samples);
        var key = $"{BackboneDigest.Of(folder)}/{choice.Texts}/{context}/{seed}/{hasJudge}/{draws}/{(dreams ? DatasetDigest.Of(texts) : "")}";
        var path = work is null ? null : Path.Combine(work, CacheFile);
        if (path is not null && File.Exists(path) && JsonText.Read<Cache>(path) is var kept && kept.Key == key)
        {
            return kept;
        }

        Console.Error.WriteLine($"The teacher {(draws, dreams) switch { (true, true) => "makes up and dreams", (_, true) => "dreams", _ => "makes up" }} {choice.Texts} texts of up to {context} tokens.");
        var made = new Cache(
            key,
            draws ? Draw(choice.Texts, seed) : [],
            hasJudge ? [] : Draw(JudgeTexts, seed + JudgeSeed),
            dreams ? Tokens(DreamtText.Of(teacher, TextTokenizer.Load(folder), texts, choice.Texts, context, seed, cancellation)) : []);
        if (path is not null)
        {
            Directory.CreateDirectory(work!);
            AtomicFile.WriteText(path, JsonText.Line(made));
        }

        return made;

        int[] Draw(int count, int from) => Tokens(TeachingText.OfTeacher(teacher, count, context, from, cancellation));
    }

    private static int[] Tokens(IReadOnlyList<TokenizedSample> texts) => [.. texts.SelectMany(text => text.Ids)];

    private sealed record Cache(string Key, int[] Samples, int[] Judge, int[] Dreams);
}
