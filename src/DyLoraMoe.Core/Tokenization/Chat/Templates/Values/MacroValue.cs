using DyLoraMoe.Core.Tokenization.Chat.Templates.Nodes;

namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

/// <summary>A macro together with the place where it was written, whose names it sees.</summary>
/// <param name="macro">What it does.</param>
/// <param name="home">Where it was written.</param>
internal sealed class MacroValue(MacroStatement macro, Scope home) : Value
{
    public override string Kind => $"the macro '{macro.Name}'";

    public override Value Call(Arguments arguments, Scope scope)
    {
        var given = arguments.Bind([.. macro.Parameters.Select(parameter => parameter.Name)]);
        TextBuilder output = new();
        using var call = scope.Run.Call();
        var inner = home.Inner(output);
        for (var i = 0; i < given.Length; i++)
        {
            var (name, usual) = macro.Parameters[i];
            inner.Set(name, given[i] ?? usual?.Evaluate(inner) ?? new UndefinedValue($"{Kind} was not given '{name}'"));
        }

        macro.Body.Execute(inner);
        return output.ToText();
    }
}
