namespace DyLoraMoe.Api.Resources;

/// <summary>How weights follow their gradients.</summary>
public static class Optimizers
{
    /// <summary>Adam with decoupled weight decay.</summary>
    public const string AdamW = "AdamW";
}
