using System.Text.Json;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Data.SkillFamilies;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Safetensors;
using DyLoraMoe.Core.Tokenization;
using DyLoraMoe.Core.Training;

namespace DyLoraMoe.Benchmarks.Decision;

/// <summary>Nats per answer token of one expert after its training. What is there is not trained again.</summary>
/// <param name="folder">A file for every expert.</param>
/// <param name="tokens">Tokens that each reads.</param>
internal sealed class DecisionRuns(string folder, long tokens)
{
    private const int Rank = 8;
    private const int Rows = 8;
    private const int RowLength = 64;
    private const int WarmUpSteps = 10;
    private const int TestSamples = 100;
    private const int TrainSamples = 500;

    private static readonly double[] _rates = [3e-3, 6e-3, 1.2e-2, 2.4e-2];

    /// <summary>The skills of all runs; rates are chosen on the first of them.</summary>
    public static IReadOnlyList<string> Skills { get; } = ["caesar", "clock", "vowels", "date", "dialect", "reverse", "sort", "units"];

    /// <summary>Skills that rates are chosen on.</summary>
    public static IReadOnlyList<string> TuningSkills => [.. Skills.Take(3)];

    /// <summary>The best rate of an arm, on samples of run 0.</summary>
    public double Rate(DecisionModel model, DecisionArm arm) => _rates.MinBy(rate => TuningSkills.Average(skill => Loss(model, arm, rate, 0, skill)));

    /// <summary>The loss on samples that nothing was trained on.</summary>
    public double Loss(DecisionModel model, DecisionArm arm, double rate, int run, string skill)
    {
        var file = Path.Combine(folder, FormattableString.Invariant($"{model.Name}-{arm.Name}-{rate:0.0e-0}-{run}-{skill}.json"));
        if (File.Exists(file))
        {
            return JsonSerializer.Deserialize<double>(File.ReadAllText(file));
        }

        var loss = Train(model, arm, rate, run, skill);
        Console.Error.WriteLine(FormattableString.Invariant($"{model.Name}, {arm.Title}, rate {rate:0.0e-0}, run {run}, {skill}: {loss:0.000}"));
        Directory.CreateDirectory(folder);
        AtomicFile.WriteText(file, JsonSerializer.Serialize(loss));
        return loss;
    }

    private double Train(DecisionModel model, DecisionArm arm, double rate, int run, string skill)
    {
        var samples = SkillSamples.Generate(SkillCatalog.Get(skill), (ulong)run, TestSamples + TrainSamples).ToList();
        var tests = Tokens(model, samples[..TestSamples], LossOn.Answer);
        var config = new LoraConfig { Rank = Rank, Alpha = 2 * Rank, Mode = arm.Mode };
        var learnt = new Invocation(config).Of(Tokens(model, samples[TestSamples..], arm.Loss));
        var source = new SampleBatchSource(learnt, new BatchOptions { Rows = Rows, RowLength = RowLength, Seed = (ulong)run });
        using var adapter = LoraAdapter.Create(model.Model, config, run);
        using var step = TrainingStep.OfExpert(model.Model, adapter, TrainingOptions.Expert with { Rows = Rows, Context = RowLength, Loss = arm.Loss, Gradient = arm.Gradient });
        long read = 0;
        for (var taken = 0; ; taken++)
        {
            var batch = MicroBatches.Take(source, 1);
            if (read + batch.Tokens > tokens)
            {
                break;
            }

            step.Take(batch, rate * Schedule(taken, (double)read / tokens));
            read += batch.Tokens;
        }

        using var bank = new AdapterBank([adapter]);
        return new LanguageModelEvaluator(model.Model).Evaluate(EvaluationSet.OfSamples(tests), bank, [.. tests.Select(_ => new[] { 1f })]).Loss;
    }

    private static List<TokenizedSample> Tokens(DecisionModel model, IReadOnlyList<Sample> samples, LossOn loss) =>
        new SampleTokenizer(new TextTokenSource(model.Tokenizer), new TokenizeOptions { MaxTokens = RowLength + 1, Loss = loss }).TokenizeAll(samples);

    private static double Schedule(int taken, double used) => Math.Min((taken + 1.0) / WarmUpSteps, 0.1 + (0.45 * (1 + Math.Cos(Math.PI * used))));
}

/// <summary>A backbone that experts are trained on.</summary>
/// <param name="Name">The name of its folder.</param>
/// <param name="Model">The model.</param>
/// <param name="Tokenizer">Its tokenizer.</param>
internal sealed record DecisionModel(string Name, CausalLanguageModel Model, TextTokenizer Tokenizer) : IDisposable
{
    public long Parameters => Model.parameters().Sum(parameter => parameter.numel());

    public static DecisionModel Load(string folder) => new(Path.GetFileName(Path.TrimEndingDirectorySeparator(folder)), ModelFolder.Load(folder), TextTokenizer.Load(folder));

    public void Dispose() => Model.Dispose();
}
