using DyLoraMoe.Core.Safetensors;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Training;

/// <summary>The tensors of a run: weights, AdamW's moments, and the best weights so far. Writes them to checkpoints and takes them back.</summary>
internal sealed class RunTensors(TrainingStep step) : IDisposable
{
    private const string WeightsFile = "weights.safetensors";
    private const string OptimizerFile = "optimizer.safetensors";
    private const string BestFile = "best.safetensors";

    private List<Tensor>? _best;

    public bool HasBest => _best is not null;

    /// <summary>AdamW's step counters, in the order of the parameters.</summary>
    public IReadOnlyList<long> OptimizerSteps => [.. States().Select(pair => pair.State.step)];

    /// <summary>Remembers the present weights as the best.</summary>
    public void KeepAsBest()
    {
        using var _ = no_grad();
        if (_best is null)
        {
            _best = [.. step.Parameters.Select(pair => pair.Parameter.detach().to(CPU, copy: true).DetachFromDisposeScope())];
            return;
        }

        foreach (var (kept, (_, parameter)) in _best.Zip(step.Parameters))
        {
            kept.copy_(parameter);
        }
    }

    /// <summary>Makes the best weights the present ones.</summary>
    public void ReturnToBest()
    {
        using var _ = no_grad();
        foreach (var (kept, (_, parameter)) in (_best ?? []).Zip(step.Parameters))
        {
            parameter.copy_(kept);
        }
    }

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
        if (_best is not null)
        {
            SafetensorsWriter.Write(Path.Combine(folder, BestFile), step.Parameters.Zip(_best, (pair, kept) => KeyValuePair.Create(pair.Name, kept)));
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

        var best = Path.Combine(folder, BestFile);
        if (File.Exists(best))
        {
            using var kept = SafetensorsFile.Open(best);
            DisposeBest();
            _best = [.. step.Parameters.Select(pair => kept.Read(pair.Name).DetachFromDisposeScope())];
        }
    }

    public void Dispose() => DisposeBest();

    private static void Fill(Tensor target, SafetensorsFile file, string name)
    {
        using var values = file.Read(name);
        target.copy_(values);
    }

    private void DisposeBest()
    {
        foreach (var kept in _best ?? [])
        {
            kept.Dispose();
        }

        _best = null;
    }

    // TorchSharp hands out its live state objects in the order of groups and their parameters; names come from the same order.
    private IEnumerable<(string Name, AdamW.State State)> States()
    {
        var names = step.Parameters.ToDictionary(pair => pair.Parameter.Handle, pair => pair.Name);
        return step.Optimizer.parameters().Zip(step.Optimizer.state_dict().State, (parameter, state) => (names[parameter.Handle], (AdamW.State)state));
    }
}
