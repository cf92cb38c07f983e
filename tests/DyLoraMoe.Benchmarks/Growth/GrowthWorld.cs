using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Data.Reading;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Tokenization;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Core.Training.Distillation;
using DyLoraMoe.Testing;

namespace DyLoraMoe.Benchmarks.Growth;

/// <summary>What all arms of one seed share: the text, the small model and what it makes up.</summary>
internal sealed class GrowthWorld : IDisposable
{
    private static readonly string[] _files = ["data/tinyshakespeare.txt", "data/gsm8k.jsonl", "data/mbpp.jsonl", "data/codealpaca.json"];

    private readonly Lazy<CausalLanguageModel> _small;
    private readonly Lazy<int[]> _samples;
    private readonly string _folder;

    public GrowthWorld(GrowthPreset preset, GrowthText text, string folder, int seed)
    {
        (Preset, Text, Seed, _folder) = (preset, text, seed, folder);
        _small = new Lazy<CausalLanguageModel>(LoadOrTrain);
        _samples = new Lazy<int[]>(() => [.. TeachingText.OfTeacher(Small, preset.Texts, preset.Context, seed).SelectMany(sample => sample.Ids)]);
    }

    public GrowthPreset Preset { get; }

    public GrowthText Text { get; }

    public int Seed { get; }

    /// <summary>The small model after its steps; frozen.</summary>
    public CausalLanguageModel Small => _small.Value;

    /// <summary>What the small model makes up: no training data.</summary>
    public int[] Samples => _samples.Value;

    public static GrowthText Read(string tokenizerFolder, GrowthPreset preset)
    {
        var tokenizer = TextTokenizer.Load(tokenizerFolder);
        var samples = _files.SelectMany(file => Dataset.Load(SharedFiles.Shared(file), new DatasetOptions()).Samples).ToList();
        var (train, heldOut, _) = new HeldOutSplit(2).Apply(samples);
        return new GrowthText(tokenizer.VocabularySize, Tokens(train), EvaluationSet.OfSamples([.. TeachingText.Windows(Tokens(heldOut), preset.Context).Take(preset.Windows)]));

        int[] Tokens(IEnumerable<Sample> all) => [.. all.SelectMany(sample => tokenizer.Encode(sample.Text, addSpecialTokens: false, parseSpecialTokens: false).Append(tokenizer.EosId ?? 0))];
    }

    public CausalLanguageModel Random(ModelConfig config)
    {
        using var weights = new RandomWeights(config, Seed);
        return new CausalLanguageModel(config, weights);
    }

    public double Loss(CausalLanguageModel model) => new LanguageModelEvaluator(model).Evaluate(Text.HeldOut).Loss;

    public double Divergence(CausalLanguageModel model) => DivergenceGauge.Measure(Small, model, Text.HeldOut);

    /// <summary>Trains on data.</summary>
    public TrainingReport Learn(CausalLanguageModel model, string arm, int steps, double rate) =>
        Finish(arm, settings => TrainingRun.OfModel(model, Source(Text.Train), Preset.Options(steps, rate, Seed), settings));

    /// <summary>Learns what the small model predicts about a text.</summary>
    public TrainingReport Distil(CausalLanguageModel model, string arm, int steps, double rate, int[] text) =>
        Finish(arm, settings => TrainingRun.OfStudent(model, new Teacher(Small), Source(text), Preset.Options(steps, rate, Seed) with { WeightDecay = 0 }, settings));

    public void Dispose()
    {
        if (_small.IsValueCreated)
        {
            _small.Value.Dispose();
        }
    }

    private TrainingData Source(int[] text) => TrainingData.OfSource(batches => new StreamBatchSource(text, batches), Text.HeldOut);

    // A run that was killed goes on from its checkpoint.
    private TrainingReport Finish(string phase, Func<RunSettings, TrainingRun> start)
    {
        using var run = start(new RunSettings
        {
            CheckpointFolder = Path.Combine(_folder, "checkpoints", FormattableString.Invariant($"{phase}-seed{Seed}")),
            CheckpointEvery = TimeSpan.FromMinutes(2),
            Progress = [new ConsoleProgress(Console.Error, !Console.IsErrorRedirected, TimeProvider.System)],
        });
        var report = run.Run();
        run.RemoveCheckpoints();
        return report;
    }

    private CausalLanguageModel LoadOrTrain()
    {
        var folder = Path.Combine(_folder, FormattableString.Invariant($"small-seed{Seed}"));
        if (!File.Exists(Path.Combine(folder, "config.json")))
        {
            Console.Error.WriteLine($"the small model, seed {Seed}");
            using var model = Random(Preset.Small(Text.Vocabulary));
            Learn(model, "small", Preset.SmallSteps, Preset.Rate);
            ModelFolder.Save(folder, model);
        }

        return ModelFolder.Load(folder);
    }
}

/// <summary>The text.</summary>
/// <param name="Vocabulary">Token ids.</param>
/// <param name="Train">Tokens to learn.</param>
/// <param name="HeldOut">The judge.</param>
internal sealed record GrowthText(int Vocabulary, int[] Train, EvaluationSet HeldOut);
