using System.Diagnostics;
using DyLoraMoe.Router.Endpoints.Wire;
using DyLoraMoe.Router.Engine;
using DyLoraMoe.Router.Limits;
using DyLoraMoe.Router.Memory;
using DyLoraMoe.Router.Metrics;
using DyLoraMoe.Router.Sets;

namespace DyLoraMoe.Router.Endpoints;

/// <summary>One request on its way: its sequences, its time limit, and what is known of it so far.</summary>
internal sealed class AnswerSession : IDisposable
{
    private readonly HttpContext _context;
    private readonly RequestLimit _limit;
    private readonly Generation _generation;
    private readonly AnswerLog? _log;
    private readonly int[] _generated;
    private readonly RoutingDecision?[] _decisions;
    private Activity? _part;
    private int _cached;

    private AnswerSession(HttpContext context, RequestLimit limit, ServedSet served, GenerationPlan plan, ServerOptions options, TimeProvider time)
    {
        _context = context;
        Plan = plan;
        Served = served;
        Created = time.GetUtcNow().ToUnixTimeSeconds();
        _generation = served.Engine.Submit(plan.SequencesOf(context.TraceIdentifier), Clients.Of(context), limit.Began);
        _limit = limit;
        _generated = new int[Sequences];
        _decisions = new RoutingDecision?[plan.Prompts.Count];
        _part = RouterTracing.Begin("read prompt");
        _log = options.LogPrompts ? new AnswerLog(Sequences) : null;
    }

    public GenerationPlan Plan { get; }

    public ServedSet Served { get; }

    /// <summary>Unix time of the request, in seconds.</summary>
    public long Created { get; }

    public int Sequences => _generation.Count;

    /// <summary>Which set answered, as OpenAI's <c>system_fingerprint</c>.</summary>
    public string Fingerprint => "set-" + Served.Set.Revision["sha256:".Length..][..10];

    /// <summary>The experts of a sequence's prompt, as an answer names them; null before it was read.</summary>
    /// <param name="sequence">Which of the request's sequences.</param>
    public RoutingReply? RoutingOf(int sequence)
    {
        var prompt = sequence / Plan.Choices;
        return _decisions[prompt] is { } decision ? RoutingText.Of(Served.Set.Revision, decision) with { Memory = RoutingText.Of(Plan.RecollectionOf(prompt)) } : null;
    }

    /// <summary>Tokens so far.</summary>
    public Usage Usage => new(Plan.PromptTokens, _generated.Sum(), Plan.PromptTokens + _generated.Sum(), new PromptTokensDetails(_cached));

    /// <summary>Hands the request to the engine.</summary>
    public static AnswerSession Begin(HttpContext context, RequestLimit limit, ServedSet served, GenerationPlan plan)
    {
        var services = context.RequestServices;
        var session = new AnswerSession(context, limit, served, plan, services.GetRequiredService<ServerOptions>(), services.GetRequiredService<TimeProvider>());
        foreach (var recollection in plan.Recollections)
        {
            // One that was turned away used none.
            services.GetRequiredService<EpisodicMemory>().Count(recollection);
        }

        return session;
    }

    /// <summary>What happens, until all sequences have ended.</summary>
    /// <exception cref="ApiException">The time limit was reached, or the engine failed.</exception>
    public async IAsyncEnumerable<SequenceEvent> Events()
    {
        var events = _generation.Events(_limit.Token).GetAsyncEnumerator(CancellationToken.None);
        await using (events.ConfigureAwait(false))
        {
            while (await _limit.WithinAsync(events.MoveNextAsync().AsTask()).ConfigureAwait(false))
            {
                Note(events.Current);
                yield return events.Current;
            }
        }
    }

    /// <summary>Notes what the metrics should say of this request.</summary>
    public void Dispose()
    {
        _generation.Dispose();
        _part?.Dispose();
        _log?.Write(_context, Served.Set.Tokenizer, Plan);
        RequestNotes.Of(_context).Set(Plan.Model, (_decisions[0] is { } decision ? decision.Leading : Plan.Choice.Expert) ?? RouterMetrics.BackboneName, Usage);
    }

    private void Note(SequenceEvent happened)
    {
        switch (happened)
        {
            case SequenceRouted routed:
                // Choices of one prompt share it, so only the first counts as its reading.
                _cached += routed.Index % Plan.Choices == 0 ? routed.CachedTokens : 0;
                if (Array.TrueForAll(_decisions, decision => decision is null))
                {
                    _part?.Dispose();
                    _part = RouterTracing.Begin("generate");
                }

                _decisions[routed.Index / Plan.Choices] = routed.Decision;
                break;
            case SequenceToken token:
                _generated[token.Index]++;
                _log?.Add(token.Index, token.Text);
                break;
            case SequenceFinished finished:
                _generated[finished.Index] = finished.Tokens;
                _log?.Add(finished.Index, finished.Text);
                break;
            case SequenceFailed failed:
                throw ErrorMiddleware.ErrorOf(failed.Error);
        }
    }
}
