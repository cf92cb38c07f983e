namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

/// <summary>A number with a fraction.</summary>
internal sealed class FloatValue(double number) : Value
{
    public override string Kind => "a number";

    public double Number => number;

    public override bool IsTrue => number != 0;
}
