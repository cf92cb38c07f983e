using System.Diagnostics;
using DyLoraMoe.Router.Endpoints.Wire;
using DyLoraMoe.Router.Engine;
using DyLoraMoe.Router.Limits;
using DyLoraMoe.Router.Metrics;
using DyLoraMoe.Router.Sets;

namespace DyLoraMoe.Router.Endpoints;

/// <summary>One request on its way: its sequences, its time limit, and what is known of it so far.</summary>
internal sealed class AnswerSession : IDisposable
{
    private readonly HttpContext _context;
    private readonly CancellationTokenSource _limit;
    private readonly CancellationTokenSource _linked;
    private readonly Generation _generation;
    private readonly AnswerLog? _log;
    private Activity? _part;
    private int _cached;
    private int _generated;

    private AnswerSession(HttpContext context, ServedSet served, GenerationPlan plan, ServerOptions options, TimeProvider time)
    {
        _context = context;
        Plan = plan;
        Served = served;
        Created = time.GetUtcNow().ToUnixTimeSeconds();
        _generation = served.Engine.Submit(plan.SequencesOf(context.TraceIdentifier), Clients.Of(context));
        _limit = new CancellationTokenSource(options.RequestTime, time);
        _linked = CancellationTokenSource.CreateLinkedTokenSource(_limit.Token, context.RequestAborted);
        _part = RouterTracing.Begin("read prompt");
        _log = options.LogPrompts ? new AnswerLog(Sequences) : null;
    }

    public GenerationPlan Plan { get; }

    public ServedSet Served { get; }

    /// <summary>Unix time of the request, in seconds.</summary>
    public long Created { get; }

    public int Sequences => _generation.Count;

    /// <summary>The decision for the first prompt; null before it was read.</summary>
    public RoutingDecision? Decision { get; private set; }

    /// <summary>Which set answered, as OpenAI's <c>system_fingerprint</c>.</summary>
    public string Fingerprint => "set-" + Served.Set.Revision["sha256:".Length..][..10];

    /// <summary>The experts, as an answer names them.</summary>
    public RoutingReply? Routing => Decision is null ? null : RoutingText.Of(Served.Set.Revision, Decision) with { Memory = RoutingText.Of(Plan.RecollectionOf(0)) };

    /// <summary>Tokens so far.</summary>
    public Usage Usage => new(Plan.PromptTokens, _generated, Plan.PromptTokens + _generated, new PromptTokensDetails(_cached));

    /// <summary>Hands the request to the engine.</summary>
    public static AnswerSession Begin(HttpContext context, ServedSet served, GenerationPlan plan)
    {
        var services = context.RequestServices;
        return new AnswerSession(context, served, plan, services.GetRequiredService<ServerOptions>(), services.GetRequiredService<TimeProvider>());
    }

    /// <summary>What happens, until all sequences have ended.</summary>
    /// <exception cref="ApiException">The time limit was reached, or the engine failed.</exception>
    public async IAsyncEnumerable<SequenceEvent> Events()
    {
        var events = _generation.Events(_linked.Token).GetAsyncEnumerator(CancellationToken.None);
        await using (events.ConfigureAwait(false))
        {
            while (await NextAsync(events).ConfigureAwait(false))
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
        _linked.Dispose();
        _limit.Dispose();
        _part?.Dispose();
        _log?.Write(_context, Served.Set.Tokenizer, Plan);
        RequestNotes.Of(_context).Set(Plan.Model, Decision?.Leading ?? Plan.Choice.Expert ?? RouterMetrics.BackboneName, Usage);
    }

    private async ValueTask<bool> NextAsync(IAsyncEnumerator<SequenceEvent> events)
    {
        try
        {
            return await events.MoveNextAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_limit.IsCancellationRequested && !_context.RequestAborted.IsCancellationRequested)
        {
            throw ApiException.Unavailable("The request took longer than this server allows. Ask for fewer tokens, or try again when it is less busy.", "timeout", TimeSpan.FromSeconds(5));
        }
    }

    private void Note(SequenceEvent happened)
    {
        switch (happened)
        {
            case SequenceRouted routed:
                // Choices of one prompt share it, so only the first counts as its reading.
                _cached += routed.Index % Plan.Choices == 0 ? routed.CachedTokens : 0;
                if (Decision is null)
                {
                    _part?.Dispose();
                    _part = RouterTracing.Begin("generate");
                }

                Decision = routed.Index == 0 || Decision is null ? routed.Decision : Decision;
                break;
            case SequenceToken token:
                _log?.Add(token.Index, token.Text);
                break;
            case SequenceFinished finished:
                _generated += finished.Tokens;
                _log?.Add(finished.Index, finished.Text);
                break;
            case SequenceFailed failed:
                throw ErrorMiddleware.ErrorOf(failed.Error);
        }
    }
}
