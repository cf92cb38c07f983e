namespace DyLoraMoe.Router.Engine;

/// <summary>Who decides which experts answer.</summary>
/// <param name="Kind">The router, or the request.</param>
/// <param name="Expert">The expert that the request asks for.</param>
internal sealed record ExpertChoice(ExpertChoiceKind Kind, string? Expert = null)
{
    /// <summary>The router decides.</summary>
    public static ExpertChoice Routed { get; } = new(ExpertChoiceKind.Routed);

    /// <summary>No expert.</summary>
    public static ExpertChoice Backbone { get; } = new(ExpertChoiceKind.Backbone);

    /// <summary>That expert and no other.</summary>
    public static ExpertChoice Of(string expert) => new(ExpertChoiceKind.Forced, expert);
}

/// <summary>The ways to choose experts.</summary>
internal enum ExpertChoiceKind
{
    /// <summary>By the router, from the prompt.</summary>
    Routed,

    /// <summary>The bare backbone answers.</summary>
    Backbone,

    /// <summary>One named expert answers.</summary>
    Forced,
}
