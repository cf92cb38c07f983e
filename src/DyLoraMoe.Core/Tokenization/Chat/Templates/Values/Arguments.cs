namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

/// <summary>What a function, filter or test was called with.</summary>
/// <param name="Callee">Who was called, for complaints.</param>
/// <param name="Positional">Arguments by place.</param>
/// <param name="Named">Arguments by name.</param>
internal sealed record Arguments(string Callee, IReadOnlyList<Value> Positional, IReadOnlyList<KeyValuePair<string, Value>> Named)
{
    /// <summary>The arguments in the order of the names, null where none was given.</summary>
    /// <param name="names">The callee's parameters.</param>
    public Value?[] Bind(params string[] names)
    {
        if (Positional.Count > names.Length)
        {
            throw new TemplateError($"{Callee} was given {Positional.Count} arguments; it takes {names.Length}.");
        }

        var bound = new Value?[names.Length];
        for (var i = 0; i < Positional.Count; i++)
        {
            bound[i] = Positional[i];
        }

        foreach (var (name, value) in Named)
        {
            var at = Array.IndexOf(names, name);
            bound[at >= 0 && bound[at] is null ? at : throw new TemplateError($"{Callee} was given '{name}', which it does not take, or twice.")] = value;
        }

        return bound;
    }

    /// <summary>The only argument, which must be there.</summary>
    public Value One(string name) => Bind(name)[0] ?? throw new TemplateError($"{Callee} needs '{name}'.");

    /// <summary>A whole number, or another one where none was given.</summary>
    public int Integer(Value? value, int otherwise) => value is null or NoneValue
        ? otherwise
        : Numbers.Whole(value) is { } number ? (int)Math.Clamp(number, int.MinValue, int.MaxValue) : throw new TemplateError($"{Callee} was given {value.Kind}; it takes a whole number there.");

    /// <summary>A text, or another one where none was given.</summary>
    public TextValue Text(Value? value, TextValue otherwise) => value switch
    {
        null or NoneValue => otherwise,
        TextValue text => text,
        UndefinedValue undefined => throw undefined.Error,
        _ => throw new TemplateError($"{Callee} was given {value.Kind}; it takes a text there."),
    };

    public TextValue Text(Value? value, string name)
        => value is null or NoneValue ? throw new TemplateError($"{Callee} needs a text as '{name}'.") : Text(value, TextValue.Empty);
}
