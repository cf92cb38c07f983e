namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

/// <summary>What a missing name gives: false, empty, and an error for whoever asks more of it.</summary>
/// <param name="reason">What is missing.</param>
internal sealed class UndefinedValue(string reason) : Value
{
    public override string Kind => "what is undefined";

    public override bool IsTrue => false;

    /// <summary>What is said to whoever needs a value.</summary>
    public TemplateError Error => new($"{reason}.");

    public override TextValue ToText() => TextValue.Empty;

    public override IReadOnlyList<Value> Items() => [];

    public override int Length() => 0;

    public override Value Attribute(string name) => throw Error;

    public override Value Item(Value key) => throw Error;

    public override Value Call(Arguments arguments, Scope scope) => throw Error;
}
