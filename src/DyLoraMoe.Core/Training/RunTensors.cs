using DyLoraMoe.Core.Safetensors;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Training;

/// <summary>The tensors of a run: weights, what the optimizer remembers, and the best weights so far. Writes them to checkpoints and takes them back.</summary>
internal sealed class RunTensors(TrainingStep step, DriftGauge? drift) : IDisposable
{
    private const string WeightsFile = "weights.safetensors";
    private const string OptimizerFile = "optimizer.safetensors";
    private const string BestFile = "best.safetensors";
    private const string StartFile = "start.safetensors";

    private readonly KeptWeights _best = new(step.Parameters, BestFile);
    private readonly KeptWeights _good = new(step.Parameters, "good.safetensors");

    /// <summary>The optimizer's step counters, in its own order.</summary>
    public IReadOnlyList<long> OptimizerSteps => [.. step.Optimizer.Memories.Select(memory => memory.Steps)];

    /// <summary>The weights of the best evaluation.</summary>
    public KeptWeights Best => _best;

    /// <summary>The last weights within the drift budget.</summary>
    public KeptWeights Good => _good;

    /// <summary>Refuses to save weights that are no longer numbers.</summary>
    public void RequireFinite(int steps)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        foreach (var (name, parameter) in step.Parameters)
        {
            if (!parameter.isfinite().all().item<bool>())
            {
                throw new TrainingDivergedException(steps, $"The weight {name}");
            }
        }
    }

    public void Write(string folder)
    {
        SafetensorsWriter.Write(Path.Combine(folder, WeightsFile), step.Parameters.Select(pair => KeyValuePair.Create(pair.Name, (Tensor)pair.Parameter)));
        SafetensorsWriter.Write(Path.Combine(folder, OptimizerFile), step.Optimizer.Memories.SelectMany(memory => memory.Tensors.Select(part => KeyValuePair.Create($"{memory.Name}.{part.Part}", part.Tensor))));
        _best.Write(folder);
        _good.Write(folder);
        if (drift is not null)
        {
            SafetensorsWriter.Write(Path.Combine(folder, StartFile), step.Parameters.Zip(drift.Start, (pair, start) => KeyValuePair.Create(pair.Name, (Tensor)start)));
        }
    }

    public void Read(string folder, IReadOnlyList<long> optimizerSteps)
    {
        using var _ = no_grad();
        using (var weights = SafetensorsFile.Open(Path.Combine(folder, WeightsFile)))
        {
            foreach (var (name, parameter) in step.Parameters)
            {
                Fill(parameter, weights, name);
            }
        }

        using (var moments = SafetensorsFile.Open(Path.Combine(folder, OptimizerFile)))
        {
            foreach (var (memory, taken) in step.Optimizer.Memories.Zip(optimizerSteps))
            {
                memory.Steps = taken;
                foreach (var (part, tensor) in memory.Tensors)
                {
                    Fill(tensor, moments, $"{memory.Name}.{part}");
                }
            }
        }

        _best.Read(folder);
        _good.Read(folder);
        if (drift is not null)
        {
            using var start = SafetensorsFile.Open(Path.Combine(folder, StartFile));
            foreach (var ((name, _), parameter) in step.Parameters.Zip(drift.Start))
            {
                Fill(parameter, start, name);
            }
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
        foreach (var (memory, taken) in step.Optimizer.Memories.Zip(optimizerSteps))
        {
            memory.Steps = taken;
        }

        foreach (var ((_, tensor), moment) in step.Optimizer.Memories.SelectMany(memory => memory.Tensors).Zip(moments))
        {
            tensor.copy_(moment);
        }
    }

    public void Dispose()
    {
        _best.Dispose();
        _good.Dispose();
    }

    private static void Fill(Tensor target, SafetensorsFile file, string name)
    {
        using var values = file.Read(name);
        target.copy_(values);
    }
}
