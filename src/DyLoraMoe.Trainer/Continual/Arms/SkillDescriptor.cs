using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DyLoraMoe.Trainer.Continual.Arms;

/// <summary>
/// What an expert remembers of the features it was trained on: an autoencoder and the mean and spread of its error. Features
/// that it reconstructs worse than its own by some standard deviations are not its own.
/// </summary>
/// <remarks>Shapes: N samples, F features, H hidden of the autoencoder.</remarks>
internal sealed class SkillDescriptor : IDisposable
{
    private const int Hidden = 64;
    private const int Steps = 200;
    private const int Rows = 64;
    private const double Rate = 1e-3;

    private readonly Parameter _encoder;
    private readonly Parameter _decoder;
    private readonly double _mean;
    private readonly double _deviation;

    private SkillDescriptor(Parameter encoder, Parameter decoder, Tensor features)
    {
        (_encoder, _decoder) = (encoder, decoder);
        var errors = Errors(features);
        _mean = errors.Average();
        _deviation = Math.Sqrt(errors.Average(error => (error - _mean) * (error - _mean)));
    }

    /// <summary>Values kept, mean and spread included.</summary>
    public long Parameters => _encoder.numel() + _decoder.numel() + 2;

    /// <summary>Fits one to features.</summary>
    /// <param name="features">Normalised features, (N, F).</param>
    /// <param name="seed">Seed of weights and batches.</param>
    public static SkillDescriptor Fit(Tensor features, long seed)
    {
        using var random = new Generator((ulong)seed, CPU);
        var (count, width) = (features.shape[0], features.shape[1]);
        var encoder = Weights(Hidden, width, random);
        var decoder = Weights(width, Hidden, random);
        using var optimizer = new AdamW([encoder, decoder], lr: Rate);
        for (var step = 0; step < Steps; step++)
        {
            using var scope = NewDisposeScope();
            var rows = features.index_select(0, randint(0, count, [Math.Min(Rows, count)], generator: random));
            (Reconstruct(rows, encoder, decoder) - rows).pow(2).mean().backward();
            optimizer.step();
            optimizer.zero_grad();
        }

        return new SkillDescriptor(encoder, decoder, features);
    }

    /// <summary>The mean over a batch of how many standard deviations its errors lie above those of the descriptor's own features.</summary>
    /// <param name="features">Normalised features, (N, F).</param>
    public double Distance(Tensor features) => (Errors(features).Average() - _mean) / Math.Max(_deviation, 1e-12);

    /// <summary>Frees the autoencoder.</summary>
    public void Dispose()
    {
        _encoder.Dispose();
        _decoder.Dispose();
    }

    private float[] Errors(Tensor features)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        return [.. (Reconstruct(features, _encoder, _decoder) - features).pow(2).mean([1]).cpu().data<float>()];   // (N, F) -> (N)
    }

    private static Tensor Reconstruct(Tensor features, Tensor encoder, Tensor decoder) =>
        nn.functional.linear(nn.functional.relu(nn.functional.linear(features, encoder)), decoder);                 // (N, F) -> (N, H) -> (N, F)

    private static Parameter Weights(long outputs, long inputs, Generator random)
    {
        using var scope = NewDisposeScope();
        return new Parameter((randn([outputs, inputs], generator: random) / Math.Sqrt(inputs)).DetachFromDisposeScope());
    }
}
