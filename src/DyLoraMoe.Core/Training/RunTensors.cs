using DyLoraMoe.Core.Safetensors;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Training;

/// <summary>The tensors of a run: weights, AdamW's moments, and the best weights so far. Writes them to checkpoints and takes them back.</summary>
internal sealed class RunTensors(TrainingStep step, DriftGauge? drift) : IDisposable
{
    private const string WeightsFile = "weights.safetensors";
    private const string OptimizerFile = "optimizer.safetensors";
    private const string BestFile = "best.safetensors";
    private const string StartFile = "start.safetensors";

    private readonly KeptWeights _best = new(step.Parameters, BestFile);
    private readonly KeptWeights _good = new(step.Parameters, "good.safetensors");

    /// <summary>AdamW's step counters, in the order of the parameters.</summary>
    public IReadOnlyList<long> OptimizerSteps => [.. States().Select(pair => pair.State.step)];

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
        SafetensorsWriter.Write(Path.Combine(folder, OptimizerFile), States().SelectMany(pair => new[]
        {
            KeyValuePair.Create(pair.Name + ".exp_avg", pair.State.exp_avg),
            KeyValuePair.Create(pair.Name + ".exp_avg_sq", pair.State.exp_avg_sq),
        }));
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
            foreach (var ((name, state), taken) in States().Zip(optimizerSteps))
            {
                state.step = taken;
                Fill(state.exp_avg, moments, name + ".exp_avg");
                Fill(state.exp_avg_sq, moments, name + ".exp_avg_sq");
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

    /// <summary>AdamW's moments, two for every parameter in the order of <see cref="OptimizerSteps"/>; the caller's.</summary>
    public IReadOnlyList<Tensor> CopyMoments()
    {
        using var _ = no_grad();
        return [.. States().SelectMany(pair => new[] { pair.State.exp_avg, pair.State.exp_avg_sq }).Select(moment => moment.clone().DetachFromDisposeScope())];
    }

    /// <summary>Goes on with moments of another run over the same parameters.</summary>
    public void TakeMoments(IReadOnlyList<Tensor> moments, IReadOnlyList<long> optimizerSteps)
    {
        using var _ = no_grad();
        foreach (var ((_, state), (taken, pair)) in States().Zip(optimizerSteps.Zip(moments.Chunk(2))))
        {
            state.step = taken;
            state.exp_avg.copy_(pair[0]);
            state.exp_avg_sq.copy_(pair[1]);
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

    // TorchSharp hands out its live state objects in the order of groups and their parameters; names come from the same order.
    private IEnumerable<(string Name, AdamW.State State)> States()
    {
        var names = step.Parameters.ToDictionary(pair => pair.Parameter.Handle, pair => pair.Name);
        return step.Optimizer.parameters().Zip(step.Optimizer.state_dict().State, (parameter, state) => (names[parameter.Handle], (AdamW.State)state));
    }
}
