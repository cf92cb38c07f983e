namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Nodes;

/// <summary>Where a template goes on after a statement.</summary>
internal enum Flow
{
    /// <summary>With the next one.</summary>
    Next,

    /// <summary>Behind the loop.</summary>
    Break,

    /// <summary>With the loop's next item.</summary>
    Continue,
}
