namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

/// <summary>A whole number.</summary>
internal sealed class IntegerValue(long number) : Value
{
    public override string Kind => "a number";

    public long Number => number;

    public override bool IsTrue => number != 0;
}
