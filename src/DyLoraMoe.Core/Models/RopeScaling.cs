namespace DyLoraMoe.Core.Models;

/// <summary>How rotary frequencies are stretched for contexts longer than the model was first trained on.</summary>
public abstract record RopeScaling
{
    /// <summary>Every frequency divided by <paramref name="Factor"/>.</summary>
    /// <param name="Factor">How many times longer the context becomes; at least 1.</param>
    public sealed record Linear(double Factor) : RopeScaling;

    /// <summary>
    /// Llama 3.1's rule: low frequencies divided by the factor, high ones kept, those between blended.
    /// </summary>
    /// <param name="Factor">Divisor of the low frequencies.</param>
    /// <param name="LowFrequencyFactor">Wavelengths above <c>original / this</c> count as low frequencies.</param>
    /// <param name="HighFrequencyFactor">Wavelengths below <c>original / this</c> count as high frequencies.</param>
    /// <param name="OriginalPositions">Context length before stretching.</param>
    public sealed record Llama3(double Factor, double LowFrequencyFactor, double HighFrequencyFactor, double OriginalPositions) : RopeScaling;

    /// <summary>The frequency to use in place of <paramref name="frequency"/>.</summary>
    /// <param name="frequency">Radians per position, before stretching.</param>
    public double Apply(double frequency) => this switch
    {
        Linear linear => frequency / linear.Factor,
        Llama3 llama3 => Blend(llama3, frequency),
        _ => frequency,
    };

    private static double Blend(Llama3 rule, double frequency)
    {
        var wavelength = 2 * Math.PI / frequency;
        if (wavelength < rule.OriginalPositions / rule.HighFrequencyFactor)
        {
            return frequency;
        }

        if (wavelength > rule.OriginalPositions / rule.LowFrequencyFactor)
        {
            return frequency / rule.Factor;
        }

        var kept = ((rule.OriginalPositions / wavelength) - rule.LowFrequencyFactor) / (rule.HighFrequencyFactor - rule.LowFrequencyFactor);
        return ((1 - kept) * frequency / rule.Factor) + (kept * frequency);
    }
}
