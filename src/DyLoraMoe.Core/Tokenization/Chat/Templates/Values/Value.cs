namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

/// <summary>What a template computes with. Nothing but a namespace ever changes.</summary>
internal abstract class Value
{
    /// <summary>What it is, for complaints.</summary>
    public abstract string Kind { get; }

    /// <summary>What it counts as in a condition.</summary>
    public virtual bool IsTrue => true;

    /// <summary>Whether some text within it is not the template's own.</summary>
    public virtual bool HoldsOutside => false;

    /// <summary>How many lists lie within each other.</summary>
    public virtual int Depth => 0;

    /// <summary>What is written for it.</summary>
    public virtual TextValue ToText() => TextValue.Of(PythonText.Of(this), HoldsOutside ? TextOrigin.Outside : TextOrigin.Template);

    /// <summary>What a loop goes through.</summary>
    public virtual IReadOnlyList<Value> Items() => throw new TemplateError($"{Kind} cannot be gone through; expected a list, a dictionary or a text.");

    public virtual int Length() => throw new TemplateError($"{Kind} has no length; expected a list, a dictionary or a text.");

    /// <summary>What a dot and a name give.</summary>
    public virtual Value Attribute(string name) => new UndefinedValue($"{Kind} has no '{name}'");

    /// <summary>What a key in brackets gives.</summary>
    public virtual Value Item(Value key) => new UndefinedValue($"{Kind} has no {PythonText.Shortened(key)}");

    public virtual Value Call(Arguments arguments, Scope scope) => throw new TemplateError($"{Kind} cannot be called.");
}
