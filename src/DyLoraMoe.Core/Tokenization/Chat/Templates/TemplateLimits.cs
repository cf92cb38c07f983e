namespace DyLoraMoe.Core.Tokenization.Chat.Templates;

/// <summary>Bounds on what a template may do: it comes from outside, and a server runs it for every conversation.</summary>
internal static class TemplateLimits
{
    /// <summary>Characters of a template's source.</summary>
    public const int Source = 1 << 20;

    /// <summary>Brackets and blocks within each other.</summary>
    public const int Nesting = 100;

    /// <summary>Operators, filters or attributes one behind the other.</summary>
    public const int Chain = 1000;

    /// <summary>Macros that call each other.</summary>
    public const int Calls = 50;

    /// <summary>Lists within lists.</summary>
    public const int Depth = 50;

    /// <summary>Nodes run for one conversation; what they make counts too, an item as one and 16 characters as one.</summary>
    public const long Steps = 2_000_000;

    /// <summary>Characters of one text, the whole conversation included.</summary>
    public const int Text = 8 << 20;

    /// <summary>Items of one list.</summary>
    public const int Items = 1 << 18;

    /// <summary>Numbers of a <c>range</c>; Jinja's own bound.</summary>
    public const int Range = 100_000;
}
