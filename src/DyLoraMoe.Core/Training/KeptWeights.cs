using DyLoraMoe.Core.Safetensors;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Training;

/// <summary>A copy of a run's weights on the host, under a file name of its own in checkpoints.</summary>
internal sealed class KeptWeights(IReadOnlyList<(string Name, Parameter Parameter)> parameters, string file) : IDisposable
{
    private List<Tensor>? _kept;

    /// <summary>Copies the present weights.</summary>
    public void Keep()
    {
        using var _ = no_grad();
        if (_kept is null)
        {
            _kept = [.. parameters.Select(pair => pair.Parameter.detach().to(CPU, copy: true).DetachFromDisposeScope())];
            return;
        }

        foreach (var (kept, (_, parameter)) in _kept.Zip(parameters))
        {
            kept.copy_(parameter);
        }
    }

    /// <summary>Makes the copy the present weights; false when there is none.</summary>
    public bool Return()
    {
        using var _ = no_grad();
        foreach (var (kept, (_, parameter)) in (_kept ?? []).Zip(parameters))
        {
            parameter.copy_(kept);
        }

        return _kept is not null;
    }

    public void Write(string folder)
    {
        if (_kept is not null)
        {
            SafetensorsWriter.Write(Path.Combine(folder, file), parameters.Zip(_kept, (pair, kept) => KeyValuePair.Create(pair.Name, kept)));
        }
    }

    public void Read(string folder)
    {
        var path = Path.Combine(folder, file);
        if (File.Exists(path))
        {
            using var saved = SafetensorsFile.Open(path);
            Dispose();
            _kept = [.. parameters.Select(pair => saved.Read(pair.Name).DetachFromDisposeScope())];
        }
    }

    public void Dispose()
    {
        foreach (var kept in _kept ?? [])
        {
            kept.Dispose();
        }

        _kept = null;
    }
}
