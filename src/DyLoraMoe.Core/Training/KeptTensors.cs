using DyLoraMoe.Core.Safetensors;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Training;

/// <summary>A copy of a run's tensors on the host, such as its weights, under a file name of its own in checkpoints.</summary>
internal sealed class KeptTensors(IReadOnlyList<(string Name, Tensor Tensor)> tensors, string file) : IDisposable
{
    private List<Tensor>? _kept;

    /// <summary>Copies the present values.</summary>
    public void Keep()
    {
        using var _ = no_grad();
        if (_kept is null)
        {
            _kept = [.. tensors.Select(pair => pair.Tensor.detach().to(CPU, copy: true).DetachFromDisposeScope())];
            return;
        }

        foreach (var (kept, (_, tensor)) in _kept.Zip(tensors))
        {
            kept.copy_(tensor);
        }
    }

    /// <summary>Makes the copy the present values; false when there is none.</summary>
    public bool Return()
    {
        using var _ = no_grad();
        foreach (var (kept, (_, tensor)) in (_kept ?? []).Zip(tensors))
        {
            tensor.copy_(kept);
        }

        return _kept is not null;
    }

    public void Write(string folder)
    {
        if (_kept is not null)
        {
            SafetensorsWriter.Write(Path.Combine(folder, file), tensors.Zip(_kept, (pair, kept) => KeyValuePair.Create(pair.Name, kept)));
        }
    }

    public void Read(string folder)
    {
        var path = Path.Combine(folder, file);
        if (File.Exists(path))
        {
            using var saved = SafetensorsFile.Open(path);
            Dispose();
            _kept = [.. tensors.Select(pair => saved.Read(pair.Name).DetachFromDisposeScope())];
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
