namespace DyLoraMoe.Core.Adapters;

/// <summary>Where in a sequence an adapter acts.</summary>
public enum AdapterMode
{
    /// <summary>On every position: classic LoRA.</summary>
    Full,

    /// <summary>
    /// From the invocation point on. What comes before is encoded by the bare backbone, so its keys and values are the same for every expert.
    /// See <see href="https://arxiv.org/abs/2504.12397">Activated LoRA</see>.
    /// </summary>
    Activated,
}
