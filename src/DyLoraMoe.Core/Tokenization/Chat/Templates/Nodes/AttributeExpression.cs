using DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Nodes;

/// <summary>What a dot and a name give.</summary>
internal sealed class AttributeExpression(int line, Expression target, string name) : Expression(line)
{
    public string Name => name;

    protected override Value Compute(Scope scope) => target.Evaluate(scope).Attribute(name);
}
