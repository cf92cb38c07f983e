namespace DyLoraMoe.Api.Resources;

/// <summary>How far the gradient of an answer goes.</summary>
public static class GradientScopes
{
    /// <summary>Through all positions.</summary>
    public const string Everywhere = "Everywhere";

    /// <summary>Through the answer's own positions: the prompt's keys and values are constants. Less memory for long prompts.</summary>
    public const string DetachedContext = "DetachedContext";

    /// <summary>The same, for query projections alone.</summary>
    public const string DetachedContextQueries = "DetachedContextQueries";
}
