using DyLoraMoe.Core.Tokenization;
using DyLoraMoe.Router.Endpoints.Wire;
using DyLoraMoe.Router.Engine;

namespace DyLoraMoe.Router.Endpoints;

/// <summary>Answers of <c>/v1/chat/completions</c>.</summary>
/// <param name="id">Name of the answer.</param>
/// <param name="tokenizer">Knows the text of tokens.</param>
internal sealed class ChatFormat(string id, TextTokenizer tokenizer) : IAnswerFormat
{
    private const string Role = "assistant";

    public Task WriteAsync(HttpContext context, AnswerSession session, IReadOnlyList<AnswerPart> answers)
    {
        ChatChoice[] choices = [.. answers.Select(part => Choice(session, part) with { Message = new ChatText { Role = Role, Content = part.Text } })];
        return Replies.WriteAsync(context, ReplyOf(session, "chat.completion", choices) with { Usage = session.Usage, Dylora = session.RoutingOf(0) }, WireJson.Default.ChatReply);
    }

    public Task SendAsync(SseWriter stream, AnswerSession session, AnswerPart part)
    {
        var delta = part switch
        {
            { IsFirst: true } => new ChatText { Role = Role, Content = part.Text },
            { Text: "" } => new ChatText(),
            _ => new ChatText { Content = part.Text },
        };
        return stream.SendAsync(
            ReplyOf(session, "chat.completion.chunk", [Choice(session, part) with { Delta = delta }]) with { Dylora = part.IsFirst ? session.RoutingOf(0) : null },
            WireJson.Default.ChatReply);
    }

    public Task SendUsageAsync(SseWriter stream, AnswerSession session) =>
        stream.SendAsync(ReplyOf(session, "chat.completion.chunk", []) with { Usage = session.Usage, Dylora = session.RoutingOf(0) }, WireJson.Default.ChatReply);

    private ChatReply ReplyOf(AnswerSession session, string kind, IReadOnlyList<ChatChoice> choices) =>
        new(id, kind, session.Created, session.Plan.Model, choices) { SystemFingerprint = session.Fingerprint };

    private ChatChoice Choice(AnswerSession session, AnswerPart part) => new(part.Index)
    {
        FinishReason = part.FinishReason,
        Logprobs = session.Plan.HasLogprobs ? new ChatLogprobs([.. part.Tokens.Select(token => Logprob(token) with { TopLogprobs = [.. token.Top.Select(Logprob)] })]) : null,
    };

    private ChatLogprob Logprob(TokenLogprob token) =>
        new(TokenText.Of(tokenizer, token.Id), token.Logprob, [.. tokenizer.BytesOf(token.Id).Select(value => (int)value)]);
}
