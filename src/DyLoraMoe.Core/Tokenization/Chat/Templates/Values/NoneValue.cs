namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

/// <summary>Python's None.</summary>
internal sealed class NoneValue : Value
{
    public static NoneValue Instance { get; } = new();

    public override string Kind => "none";

    public override bool IsTrue => false;
}
