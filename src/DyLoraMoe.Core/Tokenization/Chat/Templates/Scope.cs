using DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

namespace DyLoraMoe.Core.Tokenization.Chat.Templates;

/// <summary>The names that a part of a template sees: its own, then those around it. What it sets goes with it.</summary>
internal sealed class Scope
{
    private readonly Dictionary<string, Value> _names = [];
    private readonly Scope? _parent;

    public Scope(Execution run, TextBuilder output)
    {
        Run = run;
        Output = output;
    }

    private Scope(Scope parent, TextBuilder output)
        : this(parent.Run, output)
    {
        _parent = parent;
    }

    public Execution Run { get; }

    /// <summary>Where what is written goes.</summary>
    public TextBuilder Output { get; }

    public Scope Inner(TextBuilder? output = null) => new(this, output ?? Output);

    public void Set(string name, Value value) => _names[name] = value;

    public Value Find(string name)
    {
        for (var scope = this; scope is not null; scope = scope._parent)
        {
            if (scope._names.TryGetValue(name, out var value))
            {
                return value;
            }
        }

        return new UndefinedValue($"'{name}' is undefined");
    }
}
