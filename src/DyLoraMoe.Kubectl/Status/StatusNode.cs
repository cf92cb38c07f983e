namespace DyLoraMoe.Kubectl.Status;

/// <summary>A line of the tree, with what is below it.</summary>
/// <param name="Markup">The line, with Spectre's markup.</param>
/// <param name="Children">What is below it.</param>
internal sealed record StatusNode(string Markup, IReadOnlyList<StatusNode> Children)
{
    /// <summary>A line with nothing below it.</summary>
    public StatusNode(string markup)
        : this(markup, [])
    {
    }
}
