using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Models;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Growth;

/// <summary>
/// Noise in the new weights of a grown model, as the third seed asks for, so that they leave the saddle where growth put them. Its price is
/// what the model computes: noise in writers alone changes it in proportion, in readers alone not at all.
/// </summary>
public static class GrowthNoise
{
    /// <summary>Adds normal noise to every new weight.</summary>
    /// <param name="grown">The grown model; changes.</param>
    /// <param name="plan">How it grew.</param>
    /// <param name="scale">Standard deviation of the noise as a share of that of the whole weight.</param>
    /// <param name="seed">Seed of the noise.</param>
    public static void Add(CausalLanguageModel grown, GrowthPlan plan, double scale, long seed = 1)
    {
        ArgumentNullException.ThrowIfNull(grown);
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentOutOfRangeException.ThrowIfNegative(scale);
        using var _ = no_grad();
        foreach (var (name, parameter) in grown.named_parameters())
        {
            using var scope = NewDisposeScope();
            using var random = new Generator(new SeededRandom((ulong)seed, SeededRandom.Key("noise"), SeededRandom.Key(name)).NextUInt64() >> 1, CPU);
            var isNew = plan.IsNew(name).to(parameter.device);
            var old = parameter.masked_select(isNew.logical_not());
            var spread = old.numel() > 1 ? old.std().item<float>() : parameter.numel() > 1 ? parameter.std().item<float>() : 0;
            var noise = (randn(parameter.shape, generator: random) * (spread * scale)).to(parameter.dtype, parameter.device);
            parameter.add_(noise * isNew);
        }
    }
}
