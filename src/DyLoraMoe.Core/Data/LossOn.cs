namespace DyLoraMoe.Core.Data;

/// <summary>Which tokens the loss counts.</summary>
public enum LossOn
{
    /// <summary>The answer's tokens and its end token. What an expert is trained on.</summary>
    Answer,

    /// <summary>Every token that has a predecessor. What a backbone is pre-trained on.</summary>
    Everything,
}
