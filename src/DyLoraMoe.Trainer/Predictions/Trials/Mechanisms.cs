namespace DyLoraMoe.Trainer.Predictions.Trials;

/// <summary>The six scales at which a behaviour is learnt without losing others; each can be switched on alone.</summary>
[Flags]
internal enum Mechanisms
{
    /// <summary>AdamW on one batch after the other of what arrives, in the order in which it arrives.</summary>
    None = 0,

    /// <summary>Parameter scale: APOLLO in the place of AdamW.</summary>
    Apollo = 1,

    /// <summary>Gradient scale: the context is a constant of each step.</summary>
    FrozenContext = 2,

    /// <summary>Data scale: all frames and ever new letters, in the place of one frame and a few samples.</summary>
    Diversity = 4,

    /// <summary>Temporal scale: a budget for what a step may change, gauges, and the way back to the last good weights.</summary>
    GuardedSteps = 8,

    /// <summary>
    /// Architectural scale: what arrives is stored first, and learnt from the store, interleaved with what was learnt before. Off, it is learnt as it arrives, one
    /// behaviour after the other, and nothing of before is seen again.
    /// </summary>
    TwoStage = 16,

    /// <summary>Generative scale: from half of the budget on, a quarter of the tokens are dreams that passed the filters.</summary>
    Dreams = 32,

    /// <summary>All of them.</summary>
    All = Apollo | FrozenContext | Diversity | GuardedSteps | TwoStage | Dreams,
}
