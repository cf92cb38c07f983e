using System.Text;
using DyLoraMoe.Router.Endpoints.Wire;
using DyLoraMoe.Router.Engine;
using DyLoraMoe.Router.Metrics;

namespace DyLoraMoe.Router.Endpoints;

/// <summary>Answers a request, all at once or as a stream. Both give the same text.</summary>
internal static class AnswerWriter
{
    /// <summary>Answers.</summary>
    /// <param name="context">The request.</param>
    /// <param name="session">Its sequences.</param>
    /// <param name="format">How the endpoint writes answers.</param>
    /// <param name="body">What was asked for.</param>
    public static Task RespondAsync(HttpContext context, AnswerSession session, IAnswerFormat format, GenerationBody body) => body.Stream == true
        ? StreamAsync(context, session, format, body.StreamOptions?.IncludeUsage == true)
        : CollectAsync(context, session, format);

    private static async Task CollectAsync(HttpContext context, AnswerSession session, IAnswerFormat format)
    {
        var texts = Enumerable.Range(0, session.Sequences).Select(_ => new StringBuilder()).ToArray();
        var tokens = texts.Select(_ => new List<TokenLogprob>()).ToArray();
        var ends = new SequenceEnd[texts.Length];
        await foreach (var happened in session.Events().ConfigureAwait(false))
        {
            switch (happened)
            {
                case SequencePrompt prompt:
                    tokens[prompt.Index].AddRange(prompt.Tokens);
                    break;
                case SequenceToken token:
                    texts[token.Index].Append(token.Text);
                    tokens[token.Index].AddRange(token.Token is { } named ? [named] : []);
                    break;
                case SequenceFinished finished:
                    texts[finished.Index].Append(finished.Text);
                    ends[finished.Index] = finished.Reason;
                    break;
            }
        }

        await format.WriteAsync(context, session, [.. texts.Select((text, index) => new AnswerPart(index, text.ToString(), tokens[index]) { End = ends[index], IsFirst = true })]).ConfigureAwait(false);
    }

    private static async Task StreamAsync(HttpContext context, AnswerSession session, IAnswerFormat format, bool withUsage)
    {
        var stream = new SseWriter(context);
        try
        {
            await foreach (var happened in session.Events().ConfigureAwait(false))
            {
                if (!context.Response.HasStarted)
                {
                    stream.Begin();
                }

                if (PartOf(happened, session.Plan.NamesPrompts) is { } part)
                {
                    await format.SendAsync(stream, session, part).ConfigureAwait(false);
                }
            }

            if (withUsage)
            {
                await format.SendUsageAsync(stream, session).ConfigureAwait(false);
            }

            await stream.EndAsync().ConfigureAwait(false);
        }
        catch (ApiException error) when (context.Response.HasStarted)
        {
            // Too late for a status: clients of OpenAI take an error inside a stream as the end of it.
            RequestNotes.Of(context).Failed(error);
            await stream.SendAsync(Replies.BodyOf(error), WireJson.Default.ErrorBody).ConfigureAwait(false);
        }
    }

    private static AnswerPart? PartOf(SequenceEvent happened, bool namesPrompts) => happened switch
    {
        SequenceRouted => namesPrompts ? null : new AnswerPart(happened.Index, "", []) { IsFirst = true },
        SequencePrompt prompt => new AnswerPart(prompt.Index, "", prompt.Tokens) { IsFirst = true },
        SequenceToken { Text: "", Token: null } => null,
        SequenceToken token => new AnswerPart(token.Index, token.Text, token.Token is { } named ? [named] : []),
        SequenceFinished finished => new AnswerPart(finished.Index, finished.Text, []) { End = finished.Reason },
        _ => null,
    };
}
