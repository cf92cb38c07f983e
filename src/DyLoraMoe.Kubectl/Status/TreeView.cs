using Spectre.Console;
using Spectre.Console.Rendering;

namespace DyLoraMoe.Kubectl.Status;

/// <summary>Draws lines of a tree.</summary>
internal static class TreeView
{
    /// <summary>What can be drawn.</summary>
    public static IRenderable Of(IReadOnlyList<StatusNode> nodes) => new Rows(nodes.Select(node =>
    {
        var tree = new Tree(new Markup(node.Markup));
        Add(tree, node);
        return (IRenderable)tree;
    }));

    private static void Add(IHasTreeNodes parent, StatusNode node)
    {
        foreach (var child in node.Children)
        {
            Add(parent.AddNode(new Markup(child.Markup)), child);
        }
    }
}
