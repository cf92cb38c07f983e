using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Models;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Growth;

/// <summary>
/// Noise in the new weights of a grown model, as the third seed asks for, so that they leave the saddle where growth put them. Its price is
/// what the model computes: noise in writers alone changes it in proportion, in readers alone not at all. What is new as a whole is
/// measured by the weight that it is modelled on, since its own may be all zeros.
/// </summary>
public static class GrowthNoise
{
    /// <summary>Adds normal noise to every new weight.</summary>
    /// <param name="grown">The grown model; changes.</param>
    /// <param name="plan">How it grew.</param>
    /// <param name="scale">Standard deviation of the noise as a share of that of the weight's old entries, or of its neighbour's where it has none.</param>
    /// <param name="seed">Seed of the noise.</param>
    public static void Add(CausalLanguageModel grown, GrowthPlan plan, double scale, long seed = 1)
    {
        ArgumentNullException.ThrowIfNull(grown);
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentOutOfRangeException.ThrowIfNegative(scale);
        using var _ = no_grad();
        var parameters = grown.named_parameters().ToDictionary(pair => pair.name, pair => pair.parameter, StringComparer.Ordinal);
        foreach (var (name, parameter) in parameters)
        {
            using var scope = NewDisposeScope();
            using var random = new Generator(new SeededRandom((ulong)seed, SeededRandom.Key("noise"), SeededRandom.Key(name)).NextUInt64() >> 1, CPU);
            var isNew = plan.IsNew(name).to(parameter.device);
            var spread = plan.IsInserted(name) ? Spread(parameters[plan.Model(name)], plan.IsNew(plan.Model(name))) : Spread(parameter, isNew);
            var noise = (randn(parameter.shape, generator: random) * (spread * scale)).to(parameter.dtype, parameter.device);
            parameter.add_(noise * isNew);
        }
    }

    // Noise goes into new entries alone, so it does not matter whether a weight has had its own already.
    private static float Spread(Tensor parameter, Tensor isNew)
    {
        var old = parameter.masked_select(isNew.to(parameter.device).logical_not());
        return old.numel() > 1 ? old.std().item<float>() : parameter.numel() > 1 ? parameter.std().item<float>() : 0;
    }
}
