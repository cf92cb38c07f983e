using System.Threading.Channels;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Generation;
using DyLoraMoe.Core.Tokenization;

namespace DyLoraMoe.Router.Engine;

/// <summary>A sequence on its way through the engine. Everything but <see cref="Cancel"/> belongs to the engine's thread.</summary>
internal sealed class Sequence : IQueued
{
    private readonly ChannelWriter<SequenceEvent> _events;
    private readonly IncrementalDecoder _decoder;
    private readonly StopScanner _scanner;
    private readonly List<AdapterLease> _experts = [];
    private volatile bool _isCancelled;

    public Sequence(int index, GenerationRequest request, string client, IncrementalDecoder decoder, ChannelWriter<SequenceEvent> events, long submitted)
    {
        Index = index;
        Request = request;
        Client = client;
        Submitted = submitted;
        _events = events;
        _decoder = decoder;
        _scanner = new StopScanner(request.Settings.Stop);
        Draws = new Random(SeedOf(request.Settings.Seed, request.Answer));
        Json = request.Settings.IsJsonObject ? new JsonGuard() : null;
    }

    public int Index { get; }

    /// <summary>Those of its request that answer the same prompt, itself among them; null for one that is alone.</summary>
    public Siblings? Siblings { get; init; }

    public GenerationRequest Request { get; }

    public string Client { get; }

    /// <summary>Timestamp of its arrival.</summary>
    public long Submitted { get; }

    /// <summary>Timestamp of its newest token; 0 before the first.</summary>
    public long LastToken { get; set; }

    public Random Draws { get; }

    /// <summary>Keeps the answer a JSON object, when that was asked for.</summary>
    public JsonGuard? Json { get; }

    public List<int> Generated { get; } = [];

    public bool IsCancelled => _isCancelled;

    public bool IsEnded { get; private set; }

    /// <summary>How often the answer holds each token; empty unless a penalty needs it.</summary>
    public Dictionary<int, int> Counts { get; } = [];

    /// <summary>Weight of every expert of the set; known once the prompt was read.</summary>
    public float[] Weights { get; set; } = [];

    /// <summary>The token that the next pass starts from.</summary>
    public int NextInput => Generated.Count > 0 ? Generated[^1] : Request.Prompt[^1];

    /// <summary>The token that has to come next; null when the model chooses.</summary>
    public int? Recalled => Request.Recalled is { } known && Generated.Count < known.Length ? known[Generated.Count] : null;

    /// <summary>Says that nobody waits for it any more. The engine lets go of it before its next pass.</summary>
    public void Cancel() => _isCancelled = true;

    public void Routed(RoutingDecision decision, int cachedTokens) => _events.TryWrite(new SequenceRouted(Index, decision, cachedTokens));

    public void Named(IReadOnlyList<TokenLogprob> prompt) => _events.TryWrite(new SequencePrompt(Index, prompt));

    /// <summary>Takes in a chosen token.</summary>
    /// <param name="id">The token.</param>
    /// <param name="isEnd">Whether it ends a text.</param>
    /// <param name="logprob">Its probability, when asked for.</param>
    public void Accept(int id, bool isEnd, TokenLogprob? logprob)
    {
        Generated.Add(id);
        if (isEnd && !Request.Settings.IgnoresEnd)
        {
            // Whoever has the prompt named counts on a name for what comes after it, which is the last of the list.
            if (Request.NamesPrompt)
            {
                _events.TryWrite(new SequenceToken(Index, "", logprob));
            }

            Finish(SequenceEnd.Stop);
            return;
        }

        if (Request.Settings.PresencePenalty != 0 || Request.Settings.FrequencyPenalty != 0)
        {
            Counts[id] = Counts.GetValueOrDefault(id) + 1;
        }

        var decoded = _decoder.Push(id);
        Json?.Accept(decoded);
        _events.TryWrite(new SequenceToken(Index, _scanner.Push(decoded), logprob));
        if (_scanner.IsStopped || Json is { IsComplete: true })
        {
            Finish(SequenceEnd.Stop);
        }
        else if (Generated.Count >= Request.Settings.MaxTokens)
        {
            Finish(SequenceEnd.Length);
        }
    }

    /// <summary>Keeps an expert in memory until this sequence has ended.</summary>
    public void Hold(AdapterLease expert) => _experts.Add(expert);

    public void Finish(SequenceEnd reason)
    {
        if (!IsEnded)
        {
            End();
            var rest = _scanner.Push(_decoder.Flush()) + _scanner.Flush();
            _events.TryWrite(new SequenceFinished(Index, rest, _scanner.IsStopped ? SequenceEnd.Stop : reason, Generated.Count));
        }
    }

    public void Fail(Exception error)
    {
        if (!IsEnded)
        {
            End();
            _events.TryWrite(new SequenceFailed(Index, error));
        }
    }

    private void End()
    {
        IsEnded = true;
        _experts.ForEach(expert => expert.Dispose());
        _experts.Clear();
    }

    // Neighbouring seeds and choices must not give similar streams; System.Random spreads its own seed, not sums of two.
    private static int SeedOf(int seed, int answer)
    {
        var mixed = ((ulong)(uint)seed * 0x9E3779B97F4A7C15UL) + ((ulong)(uint)answer * 0xBF58476D1CE4E5B9UL);
        mixed = (mixed ^ (mixed >> 31)) * 0x94D049BB133111EBUL;
        return (int)(mixed >> 33);
    }
}
