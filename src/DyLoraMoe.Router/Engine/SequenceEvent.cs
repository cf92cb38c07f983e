namespace DyLoraMoe.Router.Engine;

/// <summary>What happened to one sequence.</summary>
/// <param name="Index">Which of the request's sequences.</param>
internal abstract record SequenceEvent(int Index);

/// <summary>The prompt was read and its experts are known. Comes first.</summary>
/// <param name="Index">Which of the request's sequences.</param>
/// <param name="Decision">The experts.</param>
/// <param name="CachedTokens">Tokens of the prompt that an earlier request had read already.</param>
internal sealed record SequenceRouted(int Index, RoutingDecision Decision, int CachedTokens) : SequenceEvent(Index);

/// <summary>The prompt was read whose tokens were to be named. Comes after <see cref="SequenceRouted"/>.</summary>
/// <param name="Index">Which of the request's sequences.</param>
/// <param name="Tokens">All tokens of the prompt; the first one's probability is no number.</param>
internal sealed record SequencePrompt(int Index, IReadOnlyList<TokenLogprob> Tokens) : SequenceEvent(Index);

/// <summary>A token was chosen.</summary>
/// <param name="Index">Which of the request's sequences.</param>
/// <param name="Text">The text that is certain now and was not before; often empty.</param>
/// <param name="Token">The token with its probability, when asked for.</param>
internal sealed record SequenceToken(int Index, string Text, TokenLogprob? Token) : SequenceEvent(Index);

/// <summary>The sequence is complete. Comes last.</summary>
/// <param name="Index">Which of the request's sequences.</param>
/// <param name="Text">What was still held back.</param>
/// <param name="Reason">Why it ended.</param>
/// <param name="Tokens">How many tokens were generated, an end token included.</param>
internal sealed record SequenceFinished(int Index, string Text, SequenceEnd Reason, int Tokens) : SequenceEvent(Index);

/// <summary>The sequence will not be completed. Comes last.</summary>
/// <param name="Index">Which of the request's sequences.</param>
/// <param name="Error">Why.</param>
internal sealed record SequenceFailed(int Index, Exception Error) : SequenceEvent(Index);

/// <summary>Why a sequence ended.</summary>
internal enum SequenceEnd
{
    /// <summary>An end token or a stop text.</summary>
    Stop,

    /// <summary>The limit of tokens.</summary>
    Length,

    /// <summary>Nobody waits for it any more.</summary>
    Cancelled,
}

/// <summary>A token with its probability.</summary>
/// <param name="Id">The token.</param>
/// <param name="Logprob">Logarithm of its probability before temperature and penalties.</param>
/// <param name="Top">The likeliest tokens at its place, likeliest first.</param>
internal sealed record TokenLogprob(int Id, double Logprob, IReadOnlyList<TokenLogprob> Top);
