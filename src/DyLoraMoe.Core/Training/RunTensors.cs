using DyLoraMoe.Core.Safetensors;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Training;

/// <summary>The tensors of a run: weights, what the optimizer remembers, and the best weights so far. Writes them to checkpoints and takes them back.</summary>
internal sealed class RunTensors(TrainingStep step, StartingPoint? start) : IDisposable
{
    private const string WeightsFile = "weights.safetensors";
    private const string OptimizerFile = "optimizer.safetensors";
    private const string BestFile = "best.safetensors";
    private const string StartFile = "start.safetensors";

    private readonly KeptTensors _best = new(Weights(step), BestFile);
    private readonly KeptTensors _good = new(Weights(step), "good.safetensors");
    private readonly KeptTensors _goodMoments = new(Moments(step), "good-optimizer.safetensors");

    /// <summary>The optimizer's step counters, in its own order.</summary>
    public IReadOnlyList<long> OptimizerSteps => [.. step.Optimizer.Memories.Select(memory => memory.Steps)];

    /// <summary>The weights of the best evaluation.</summary>
    public KeptTensors Best => _best;

    /// <summary>The last weights within all budgets.</summary>
    public KeptTensors Good => _good;

    /// <summary>What the optimizer remembered then.</summary>
    public KeptTensors GoodMoments => _goodMoments;

    /// <summary>The first weight that is no longer a number; null when all are.</summary>
    public string? NotFinite()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        foreach (var (name, parameter) in step.Parameters)
        {
            if (!parameter.isfinite().all().item<bool>())
            {
                return name;
            }
        }

        return null;
    }

    public void Write(string folder)
    {
        Write(Path.Combine(folder, WeightsFile), Weights(step));
        Write(Path.Combine(folder, OptimizerFile), Moments(step));
        _best.Write(folder);
        _good.Write(folder);
        _goodMoments.Write(folder);
        if (start is not null)
        {
            Write(Path.Combine(folder, StartFile), start.Weights);
        }
    }

    public void Read(string folder, IReadOnlyList<long> optimizerSteps)
    {
        using var _ = no_grad();
        Fill(Weights(step), Path.Combine(folder, WeightsFile));
        Fill(Moments(step), Path.Combine(folder, OptimizerFile));
        SetOptimizerSteps(optimizerSteps);
        _best.Read(folder);
        _good.Read(folder);
        _goodMoments.Read(folder);
        if (start is not null)
        {
            Fill(start.Weights, Path.Combine(folder, StartFile));
        }
    }

    /// <summary>What the optimizer remembers, in the order of <see cref="OptimizerSteps"/>; the caller's.</summary>
    public IReadOnlyList<Tensor> CopyMoments()
    {
        using var _ = no_grad();
        return [.. step.Optimizer.Memories.SelectMany(memory => memory.Tensors).Select(part => part.Tensor.clone().DetachFromDisposeScope())];
    }

    /// <summary>Goes on with what another run over the same parameters remembered.</summary>
    public void TakeMoments(IReadOnlyList<Tensor> moments, IReadOnlyList<long> optimizerSteps)
    {
        using var _ = no_grad();
        SetOptimizerSteps(optimizerSteps);
        foreach (var ((_, tensor), moment) in step.Optimizer.Memories.SelectMany(memory => memory.Tensors).Zip(moments))
        {
            tensor.copy_(moment);
        }
    }

    /// <summary>Sets the optimizer's step counters.</summary>
    public void SetOptimizerSteps(IReadOnlyList<long> optimizerSteps)
    {
        foreach (var (memory, taken) in step.Optimizer.Memories.Zip(optimizerSteps))
        {
            memory.Steps = taken;
        }
    }

    public void Dispose()
    {
        _best.Dispose();
        _good.Dispose();
        _goodMoments.Dispose();
    }

    private static List<(string Name, Tensor Tensor)> Weights(TrainingStep step) => [.. step.Parameters.Select(pair => (pair.Name, (Tensor)pair.Parameter))];

    private static List<(string Name, Tensor Tensor)> Moments(TrainingStep step) =>
        [.. step.Optimizer.Memories.SelectMany(memory => memory.Tensors.Select(part => ($"{memory.Name}.{part.Part}", part.Tensor)))];

    private static void Write(string path, IEnumerable<(string Name, Tensor Tensor)> tensors) =>
        SafetensorsWriter.Write(path, tensors.Select(pair => KeyValuePair.Create(pair.Name, pair.Tensor)));

    private static void Fill(IEnumerable<(string Name, Tensor Tensor)> tensors, string path)
    {
        using var file = SafetensorsFile.Open(path);
        foreach (var (name, tensor) in tensors)
        {
            using var values = file.Read(name);
            tensor.copy_(values);
        }
    }
}
