using DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Nodes;

/// <summary>A dictionary.</summary>
internal sealed class DictionaryExpression(int line, IReadOnlyList<(Expression Key, Expression Value)> entries) : Expression(line)
{
    protected override Value Compute(Scope scope)
        => new DictionaryValue(entries.Select(entry => KeyValuePair.Create(entry.Key.Evaluate(scope), entry.Value.Evaluate(scope))));
}
