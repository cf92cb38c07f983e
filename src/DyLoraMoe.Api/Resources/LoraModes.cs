namespace DyLoraMoe.Api.Resources;

/// <summary>Where a LoRA expert acts.</summary>
public static class LoraModes
{
    /// <summary>Both are tried, and the better on held-out data is kept.</summary>
    public const string Auto = "Auto";

    /// <summary>From the first token of the answer on.</summary>
    public const string Activated = "Activated";

    /// <summary>On every token.</summary>
    public const string Full = "Full";
}
