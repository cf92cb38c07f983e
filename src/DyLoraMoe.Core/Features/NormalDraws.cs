using DyLoraMoe.Core.Data;

namespace DyLoraMoe.Core.Features;

/// <summary>Normal numbers from a seeded sequence.</summary>
internal static class NormalDraws
{
    /// <summary>A standard normal number (Box and Muller), from two draws.</summary>
    public static double NextNormal(this SeededRandom random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
