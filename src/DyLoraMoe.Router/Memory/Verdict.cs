using DyLoraMoe.Core.Memory;

namespace DyLoraMoe.Router.Memory;

/// <summary>A verdict that is worth remembering.</summary>
/// <param name="Owner">Name of the API key.</param>
/// <param name="User">Whose it is; null to share it.</param>
/// <param name="Question">What was asked.</param>
/// <param name="IsChat">Whether it was asked in a chat, and was the only question there.</param>
/// <param name="Answer">The right answer.</param>
/// <param name="Origin">How it is known to be right.</param>
/// <param name="AnswerId">Name of the answer that was judged.</param>
internal sealed record Verdict(string Owner, string? User, string Question, bool IsChat, string Answer, EpisodeOrigin Origin, string? AnswerId);
