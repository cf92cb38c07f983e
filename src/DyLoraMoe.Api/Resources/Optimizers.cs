namespace DyLoraMoe.Api.Resources;

/// <summary>How weights follow their gradients.</summary>
public static class Optimizers
{
    /// <summary>Adam with decoupled weight decay.</summary>
    public const string AdamW = "AdamW";

    /// <summary>The gradient, scaled a channel by what Adam makes of a projection of it. For experts it gains nothing: their factors are narrow already.</summary>
    public const string Apollo = "Apollo";

    /// <summary>The gradient, scaled a matrix by what Adam makes of one row of it. The same.</summary>
    public const string ApolloMini = "ApolloMini";
}
