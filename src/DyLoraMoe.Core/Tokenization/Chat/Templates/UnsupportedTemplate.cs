namespace DyLoraMoe.Core.Tokenization.Chat.Templates;

/// <summary>What is said of a template that cannot be read.</summary>
internal static class UnsupportedTemplate
{
    public static NotSupportedException At(int line, string what) => new($"The chat template cannot be used: line {line} {what}.");
}
