namespace DyLoraMoe.Core.Training;

/// <summary>
/// Where a loss on answers sends its gradient. With <see cref="Everywhere"/>, <see cref="TrainingOptions.Loss"/> tells the loss on the whole text from that on the
/// answer. A detached context with an adapter of mode <c>Activated</c> is no approximation: such an adapter has no gradient in its context anyhow.
/// </summary>
public enum GradientScope
{
    /// <summary>Through all positions: the context learns to be read as well. The default.</summary>
    Everywhere,

    /// <summary>
    /// Through the answer's own positions. The context is encoded without a gradient, and the answer looks at its keys and values as constants. Weights are shared, so
    /// that later contexts are encoded differently all the same, unless the adapter is <c>Activated</c>.
    /// </summary>
    DetachedContext,

    /// <summary>The same for query projections alone: how the answer looks at the context. All other weights stay as they are.</summary>
    DetachedContextQueries,
}
