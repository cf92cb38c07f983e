using DyLoraMoe.Core.Tokenization;
using DyLoraMoe.Router.Endpoints.Wire;
using DyLoraMoe.Router.Engine;

namespace DyLoraMoe.Router.Endpoints;

/// <summary>Answers of <c>/v1/completions</c>.</summary>
/// <param name="id">Name of the answer.</param>
/// <param name="echoes">Text that each answer begins with.</param>
/// <param name="plan">What was asked for.</param>
/// <param name="tokenizer">Knows the text of tokens.</param>
internal sealed class CompletionFormat(string id, IReadOnlyList<string> echoes, GenerationPlan plan, TextTokenizer tokenizer) : IAnswerFormat
{
    private readonly (int Offset, IncrementalDecoder Text)[] _written =
        [.. echoes.Select(echo => plan.NamesPrompts ? (0, tokenizer.CreateDecoder()) : (Characters(echo), tokenizer.CreateDecoder(skipSpecialTokens: false, startOfText: false)))];

    public Task WriteAsync(HttpContext context, AnswerSession session, IReadOnlyList<AnswerPart> answers) => Replies.WriteAsync(
        context,
        ReplyOf(session, [.. answers.Select(part => Choice(session, part) with { Dylora = plan.Prompts.Count > 1 ? session.RoutingOf(part.Index) : null })]) with
        {
            Usage = session.Usage,
            Dylora = session.RoutingOf(0),
        },
        WireJson.Default.CompletionReply);

    // A first part without a text tells the experts, which are the same for all answers to a prompt.
    public Task SendAsync(SseWriter stream, AnswerSession session, AnswerPart part) => part.IsFirst && echoes[part.Index].Length == 0 && part.Index % plan.Choices > 0
        ? Task.CompletedTask
        : stream.SendAsync(ReplyOf(session, [Choice(session, part)]) with { Dylora = part.IsFirst ? session.RoutingOf(part.Index) : null }, WireJson.Default.CompletionReply);

    public Task SendUsageAsync(SseWriter stream, AnswerSession session) =>
        stream.SendAsync(ReplyOf(session, []) with { Usage = session.Usage, Dylora = session.RoutingOf(0) }, WireJson.Default.CompletionReply);

    private CompletionReply ReplyOf(AnswerSession session, IReadOnlyList<CompletionChoice> choices) =>
        new(id, "text_completion", session.Created, plan.Model, choices) { SystemFingerprint = session.Fingerprint };

    private CompletionChoice Choice(AnswerSession session, AnswerPart part) => new(part.Index, part.IsFirst ? echoes[part.Index] + part.Text : part.Text)
    {
        FinishReason = part.FinishReason,
        Logprobs = plan.HasLogprobs ? LogprobsOf(part) : null,
    };

    private CompletionLogprobs LogprobsOf(AnswerPart part)
    {
        var texts = part.Tokens.Select(TextOf).ToArray();
        var offsets = new int[texts.Length];
        ref var written = ref _written[part.Index];
        for (var at = 0; at < texts.Length; at++)
        {
            offsets[at] = written.Offset;
            written.Offset += Characters(written.Text.Push(part.Tokens[at].Id));
        }

        return new CompletionLogprobs(
            texts,
            [.. part.Tokens.Select(token => double.IsNaN(token.Logprob) ? (double?)null : token.Logprob)],
            [.. part.Tokens.Select(token => double.IsNaN(token.Logprob) ? null : token.Top.Append(token).DistinctBy(TextOf).ToDictionary(TextOf, each => each.Logprob))],
            offsets);
    }

    // As OpenAI's clients count, which index texts by code points and not by halves of surrogate pairs.
    private static int Characters(string text) => text.EnumerateRunes().Count();

    private string TextOf(TokenLogprob token) => TokenText.Of(tokenizer, token.Id);
}
