using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Models;

/// <summary>A linear layer <c>y = Wx + b</c> to which adapters may add: every place in a model where LoRA can act is one of these.</summary>
/// <remarks>Shapes: B batch, T tokens, I input features, O output features.</remarks>
public sealed class Projection : nn.Module<Tensor, IProjectionDelta?, Tensor>
{
    [ComponentName(Name = "weight")] private readonly Parameter _weight;
    [ComponentName(Name = "bias")] private readonly Parameter? _bias;

    /// <summary>Takes the layer's weights.</summary>
    /// <param name="weights">The layer's place.</param>
    /// <param name="inputs">Input features, I.</param>
    /// <param name="outputs">Output features, O.</param>
    /// <param name="hasBias">Whether there is a bias.</param>
    public Projection(WeightScope weights, long inputs, long outputs, bool hasBias)
        : base(nameof(Projection))
    {
        ArgumentNullException.ThrowIfNull(weights);
        Path = weights.Path;
        _weight = weights.Take("weight", outputs, inputs);
        _bias = hasBias ? weights.Take("bias", outputs) : null;
        RegisterComponents();
    }

    /// <summary>A layer that shares its matrix with another module, as a tied head does.</summary>
    /// <param name="path">The layer's path.</param>
    /// <param name="shared">The matrix, (O, I); owned by the other module.</param>
    internal Projection(string path, Parameter shared)
        : base(nameof(Projection))
    {
        Path = path;
        _weight = shared;
    }

    /// <summary>The layer's path in the model.</summary>
    public string Path { get; }

    /// <summary>The matrix, (O, I).</summary>
    public Parameter Weight => _weight;

    /// <summary>Input features, I.</summary>
    public long Inputs => _weight.shape[1];

    /// <summary>Output features, O.</summary>
    public long Outputs => _weight.shape[0];

    /// <inheritdoc/>
    public override Tensor forward(Tensor input, IProjectionDelta? delta)
    {
        var flat = input.reshape(-1, Inputs);                                    // (B, T, I) -> (N, I)
        var output = FewRows.Are(flat, _weight) ? FewRows.Linear(flat, _weight, _bias) : nn.functional.linear(flat, _weight, _bias);
        output = delta is null ? output : delta.AddTo(Path, flat, output);
        return output.view([.. input.shape[..^1], Outputs]);                     // (N, O) -> (B, T, O)
    }
}
