using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.Tests.Optimizers;

/// <summary>Two small parameters and a loss whose gradients depend on them.</summary>
internal sealed class Training : IDisposable
{
    public Training(ScalarType type = ScalarType.Float32)
    {
        First = new Parameter(tensor(new[] { 1f, -2f, 3f, 0.5f, 0f, -0.25f }).reshape(2, 3).to(type));
        Second = new Parameter(tensor(new[] { 0.3f, -0.7f }).to(type));
    }

    public Parameter First { get; }

    public Parameter Second { get; }

    public Parameter[] Parameters => [First, Second];

    public Tensor Loss() => (First.pow(3) / 3 - First + First.sin()).sum() * 0.5 + Second.pow(3).sum();

    public void Run(optim.Optimizer optimizer, int steps)
    {
        for (var i = 0; i < steps; i++)
        {
            using var scope = NewDisposeScope();
            optimizer.zero_grad();
            Loss().backward();
            optimizer.step();
        }
    }

    public void Dispose()
    {
        First.Dispose();
        Second.Dispose();
    }
}
