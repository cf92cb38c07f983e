namespace DyLoraMoe.Core.Tokenization.Chat;

/// <summary>One turn of a conversation.</summary>
/// <param name="Role"><c>system</c>, <c>user</c> or <c>assistant</c>.</param>
/// <param name="Content">What was said; plain text, whatever it looks like.</param>
public sealed record ChatMessage(string Role, string Content);
