namespace DyLoraMoe.Core.Training;

/// <summary>How a rate develops over a phase.</summary>
public enum RateDecay
{
    /// <summary>It stays.</summary>
    Constant,

    /// <summary>It falls along half a cosine to the final rate.</summary>
    Cosine,
}
