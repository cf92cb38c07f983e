using DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Nodes;

/// <summary>Gives a macro its name.</summary>
internal sealed class MacroStatement(int line, string name, IReadOnlyList<(string Name, Expression? Usual)> parameters, Statement body) : Statement(line)
{
    public string Name => name;

    public IReadOnlyList<(string Name, Expression? Usual)> Parameters => parameters;

    public Statement Body => body;

    protected override Flow Run(Scope scope)
    {
        scope.Set(name, new MacroValue(this, scope));
        return Flow.Next;
    }
}
