using System.Globalization;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Growth.Infinite;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Core.Training.Distillation;
using DyLoraMoe.Testing;
using static TorchSharp.torch;

namespace DyLoraMoe.Benchmarks.Infinite;

/// <summary>
/// A teacher of known size and students of other sizes that learn what it predicts about random tokens. A student of another width has
/// the teacher's other weights, which train along, one of another depth its first layers too; one of another rank has its backbone.
/// </summary>
internal sealed class InfiniteWorld : IDisposable
{
    private const int HeldOutTokens = 4096;

    private readonly InfinitePreset _preset;
    private readonly UnitAxis _axis;
    private readonly int _seed;
    private readonly CausalLanguageModel _teacher;
    private readonly LoraAdapter? _teacherExpert;

    public InfiniteWorld(InfinitePreset preset, UnitAxis axis, int seed)
    {
        (_preset, _axis, _seed) = (preset, axis, seed);
        _teacher = TinyModels.Create(InfinitePreset.Shape(axis), seed);
        if (axis == UnitAxis.Depth)
        {
            using var _ = no_grad();
            _teacher.get_parameter("model.embed_tokens.weight")!.mul_(InfinitePreset.Loudness);
        }

        if (axis == UnitAxis.Rank)
        {
            _teacherExpert = Expert(InfinitePreset.TeacherSize(axis), seed + 100);
            using var random = new Generator((ulong)seed, CPU);
            using var _ = no_grad();
            foreach (var layer in _teacherExpert.Layers.Values)
            {
                using var values = randn(layer.B.shape, generator: random);
                layer.B.copy_(values * preset.ExpertScale);
            }
        }
    }

    /// <summary>Trains a student.</summary>
    /// <param name="start">Its size at the start.</param>
    /// <param name="options">The forces.</param>
    /// <param name="steps">How long.</param>
    public (Core.Growth.Infinite.InfiniteReport Report, double Divergence) Learn(int start, InfiniteOptions options, int steps)
    {
        var training = _preset.Training(_axis, steps, _seed);
        using var run = _axis == UnitAxis.Rank
            ? InfiniteRun.OfExpert(_teacher, Expert(start, _seed), Data(), training, options, teacher: _teacherExpert)
            : InfiniteRun.OfModel(Student(start), Data(), training, options, teacher: new Teacher(_teacher));
        var report = run.Run();
        var divergence = Divergence(run);
        if (_axis == UnitAxis.Rank)
        {
            run.Adapter!.Dispose();
        }
        else
        {
            run.Model!.Dispose();
        }

        return (report, divergence);
    }

    /// <summary>Weights that do not train.</summary>
    public long FrozenWeights => _axis == UnitAxis.Rank ? _teacher.parameters().Sum(parameter => parameter.numel()) : 0;

    /// <summary>Weights that train in a student of a size.</summary>
    public long Weights(int size)
    {
        if (_axis == UnitAxis.Rank)
        {
            using var expert = Expert(size, _seed);
            return expert.Parameters.Sum(parameter => parameter.numel());
        }

        using var student = Student(size);
        return student.parameters().Sum(parameter => parameter.numel());
    }

    public void Dispose()
    {
        _teacherExpert?.Dispose();
        _teacher.Dispose();
    }

    private LoraAdapter Expert(int rank, long seed) =>
        LoraAdapter.Create(_teacher, new LoraConfig { Rank = rank, Alpha = rank, TargetModules = ["q_proj", "v_proj", "up_proj", "down_proj"] }, seed);

    private CausalLanguageModel Student(int size)
    {
        var config = _axis == UnitAxis.Depth ? _teacher.Config with { Layers = size } : _teacher.Config with { IntermediateSize = size };
        using var weights = new StudentWeights(_teacher, _axis, _seed);
        return new CausalLanguageModel(config, weights);
    }

    private TrainingData Data() => TrainingData.OfSource(
        options => new StreamBatchSource(Tokens(_preset.Tokens, 1), options), EvaluationSet.OfSamples([]));

    private int[] Tokens(int count, int purpose)
    {
        var random = new SeededRandom((ulong)_seed, SeededRandom.Key("infinite"), (ulong)purpose);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(_teacher.Config.VocabularySize))];
    }

    // KL(teacher || student) on tokens that no student has seen.
    private double Divergence(InfiniteRun run)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var ids = tensor(Array.ConvertAll(Tokens(HeldOutTokens, 2), id => (long)id)).view(-1, _preset.Context);
        var right = Logs(_teacher, _teacherExpert);
        var own = Logs(run.Model ?? _teacher, run.Adapter);
        return (right.exp() * (right - own)).sum().item<float>() / ids.numel();

        Tensor Logs(CausalLanguageModel model, LoraAdapter? adapter) =>
            nn.functional.log_softmax(model.Logits(ids, new ForwardOptions { Delta = adapter is null ? null : new AdapterDelta(adapter) }), -1);
    }

    // The teacher's weights, but for what the student has to find: that reads at random and writes nothing.
    private sealed class StudentWeights(CausalLanguageModel teacher, UnitAxis axis, int seed) : IWeightSource, IDisposable
    {
        private readonly Dictionary<string, Tensor> _known = teacher.named_parameters().ToDictionary(pair => pair.name, pair => pair.parameter.detach(), StringComparer.Ordinal);
        private readonly Generator _random = new((ulong)seed + 1000, CPU);

        public Tensor Take(string path, params long[] shape)
        {
            using var scope = NewDisposeScope();
            using var _ = no_grad();
            var isLooked = axis == UnitAxis.Depth ? LayerOf(path) >= InfinitePreset.KnownLayers : path.Contains(".mlp.", StringComparison.Ordinal);
            var isWriter = path.Contains("o_proj", StringComparison.Ordinal) || path.Contains("down_proj", StringComparison.Ordinal);
            var values = !isLooked ? _known[path].clone()
                : shape.Length == 1 ? ones(shape)
                : isWriter ? zeros(shape)
                : randn(shape, generator: _random) / Math.Sqrt(3.0 * shape[1]);
            return values.MoveToOuterDisposeScope();
        }

        private static int LayerOf(string path) => path.Split('.') is ["model", "layers", var layer, ..] ? int.Parse(layer, CultureInfo.InvariantCulture) : -1;

        public void Dispose()
        {
            _random.Dispose();
            foreach (var weight in _known.Values)
            {
                weight.Dispose();
            }
        }
    }
}
