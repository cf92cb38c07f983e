using System.ComponentModel.DataAnnotations;

namespace DyLoraMoe.Core.Routing;

/// <summary>What every router must satisfy, however it was made.</summary>
internal static class RouterRules
{
    public static void Check(RouterOptions options, IReadOnlyList<RoutedExpert> experts, RouterTensors tensors)
    {
        Validator.ValidateObject(options, new ValidationContext(options), validateAllProperties: true);
        foreach (var expert in experts)
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(expert.Name);
            if (!(expert.Maturity is >= 0 and <= 1))
            {
                throw new ArgumentException($"Expert '{expert.Name}' has maturity {expert.Maturity}, expected 0 to 1.", nameof(experts));
            }
        }

        if (experts.GroupBy(expert => expert.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new ArgumentException($"The router already has an expert '{twice.Key}'.", nameof(experts));
        }

        var (rows, features) = (experts.Count + 1L, tensors.Mean.shape[0]);
        Expect("gate", tensors.Gate.shape, rows, features);
        Expect("bias", tensors.Bias.shape, rows);
        Expect("scale", tensors.Scale.shape, features);
        if (!(tensors.Scale.min().item<float>() > 0))
        {
            throw new ArgumentException("The scale of a feature is not positive; take it from anchors with FeatureScaling.Of.", nameof(tensors));
        }
    }

    private static void Expect(string name, long[] found, params long[] expected)
    {
        if (!found.AsSpan().SequenceEqual(expected))
        {
            throw new ArgumentException($"The router's {name} has shape [{string.Join(", ", found)}], expected [{string.Join(", ", expected)}].");
        }
    }
}
