using System.Diagnostics.CodeAnalysis;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Router.Traffic;
using static TorchSharp.torch;

namespace DyLoraMoe.Router.Engine;

/// <summary>
/// Brings waiting sequences into the running batch: takes them in turn while there are slots, reads their prompts side by side, a chunk at a
/// time, and finds their experts. Any thread may add to the queue; the rest belongs to the engine's.
/// </summary>
/// <param name="parts">The engine's.</param>
/// <param name="running">Where the sequences go.</param>
/// <param name="slots">Most sequences that are read and answered at once.</param>
/// <param name="hasRoom">Whether there is memory for one more prompt of so many tokens.</param>
/// <param name="fail">Ends a sequence by an error.</param>
/// <param name="wake">Tells the engine to look; called on any thread.</param>
internal sealed class PromptReader(EngineParts parts, RunningBatch running, int slots, Func<int, bool> hasRoom, Action<Sequence, Exception> fail, Action wake) : IDisposable
{
    private readonly AwaitedExperts _awaited = new(parts.Set.Pool, wake);
    private readonly List<SequenceReading> _readings = [];

    // Complete, and kept for siblings that have no slot yet.
    private readonly List<SequenceReading> _kept = [];
    private readonly ReadingTurns _turns = new();

    /// <summary>The sequences that wait.</summary>
    public FairQueue<Sequence> Queue { get; } = new(parts.Options.MaxQueue, parts.Time);

    /// <summary>Sequences whose prompts are being read, or whose experts are.</summary>
    public int Count => _readings.Sum(reading => reading.Waiting.Count) + _awaited.Sequences.Count;

    /// <summary>Tokens of the prompts that are being read, or whose experts are.</summary>
    public long Tokens => _readings.Concat(_kept).Sum(reading => (long)reading.Prompt.Tokens.Length) + _awaited.Tokens;

    /// <summary>Whether there is nothing to do until something comes or a slot becomes free.</summary>
    public bool IsIdle => _readings.Count == 0 && !_awaited.HasNews && (Queue.Count == 0 || !HasSlot);

    /// <summary>Whether experts are being read.</summary>
    public bool IsAwaiting => !_awaited.IsEmpty;

    private bool HasSlot => running.Rows.Count + Count < slots;

    /// <summary>Lets go of what nobody waits for any more.</summary>
    public void RemoveCancelled()
    {
        foreach (var sequence in Queue.RemoveWhere(sequence => sequence.IsCancelled))
        {
            sequence.Finish(SequenceEnd.Cancelled);
            sequence.Siblings?.Leave();
        }

        foreach (var sequence in _awaited.Sequences.Where(sequence => sequence.IsCancelled))
        {
            sequence.Finish(SequenceEnd.Cancelled);
        }

        _awaited.GiveUpUnwanted();
        foreach (var reading in _readings)
        {
            foreach (var sequence in reading.Waiting.Where(sequence => sequence.IsCancelled))
            {
                sequence.Finish(SequenceEnd.Cancelled);
            }

            reading.RemoveEnded();
        }

        foreach (var reading in _readings.Concat(_kept).Where(reading => !reading.IsWanted).ToList())
        {
            End(reading);
        }
    }

    /// <summary>Takes in what there are slots for, and reads about a chunk. A prompt that waits for experts keeps its slot.</summary>
    public void Read()
    {
        var budget = parts.Options.PrefillChunk;
        while (budget > 0)
        {
            if (_awaited.TryTake(out var prompt))
            {
                budget -= Resume(prompt);
            }
            else if (TryTake(out var next))
            {
                budget -= Begin(next);
            }
            else if (_readings.Count > 0)
            {
                var reading = LeaderOf(_turns.Next(_readings));
                budget -= Try(reading, () => Advance(reading));
            }
            else
            {
                return;
            }
        }
    }

    /// <summary>Fails all, and takes none any more.</summary>
    public void Close(Exception error)
    {
        foreach (var sequence in Queue.Close().Concat(_awaited.Sequences).Concat(_readings.SelectMany(reading => reading.Waiting)))
        {
            sequence.Fail(error);
        }
    }

    public void Dispose()
    {
        _readings.Concat(_kept).ToList().ForEach(End);
        _awaited.Dispose();
    }

    private bool TryTake([NotNullWhen(true)] out Sequence? next)
    {
        next = null;
        return HasSlot && Queue.TryTake(sequence => _readings.Count == 0 || sequence.Siblings?.Reading is not null || hasRoom(sequence.Request.Prompt.Length), out next);
    }

    private int Begin(Sequence sequence)
    {
        sequence.Siblings?.Leave();
        if (sequence.IsCancelled)
        {
            sequence.Finish(SequenceEnd.Cancelled);
            return 0;
        }

        if (sequence.Siblings?.Reading is { } known)
        {
            known.Add(sequence);
            return known.Decision is null ? 0 : Try(known, () => Follow(known, sequence));
        }

        var reading = new SequenceReading(sequence, new WaitingPrompt(sequence.Request, parts));
        sequence.Siblings?.Reading = reading;
        _readings.Add(reading);
        return reading.Prompt.IsKnown ? Try(reading, () => Advance(reading)) : 0;
    }

    private int Follow(SequenceReading reading, Sequence sibling)
    {
        Greet(reading, sibling);
        JoinWhenComplete(reading);
        return 0;
    }

    // Prompts that begin alike are not read side by side when one of them can go on from the other.
    private SequenceReading LeaderOf(SequenceReading reading) => _readings.Find(other => reading.Prompt.Gains(other.Prompt)) ?? reading;

    private int Resume(AwaitingPrompt prompt)
    {
        prompt.Reading.RemoveEnded();
        _readings.Add(prompt.Reading);
        return Try(prompt.Reading, () =>
        {
            Answer(prompt.Reading, prompt.Decision, prompt.Experts.GetAwaiter().GetResult());
            return 0;
        });
    }

    // What a step cost, in tokens; an error ends those that wait for it and no other.
    private int Try(SequenceReading reading, Func<int> step)
    {
        try
        {
            return Math.Max(1, step());
        }
        catch (Exception error)
        {
            foreach (var sequence in reading.Waiting)
            {
                fail(sequence, error);
            }

            End(reading);
            return 1;
        }
    }

    private int Advance(SequenceReading reading)
    {
        var (prompt, read) = (reading.Prompt.Reading, 0);
        if (!prompt.IsEncoded || reading.IsRouted)
        {
            read = prompt.Advance();
        }

        if (prompt.IsEncoded && !reading.IsRouted)
        {
            Route(reading);
        }
        else if (!prompt.IsEncoded)
        {
            Foresee(reading);
        }
        else
        {
            JoinWhenComplete(reading);
        }

        return read;
    }

    // The beginning of a long prompt tells who will probably answer it: those that are not in memory are read while the rest of the prompt is.
    private void Foresee(SequenceReading reading)
    {
        if (!parts.Set.Pool.HoldsAll)
        {
            using var scope = NewDisposeScope();
            var decision = parts.Routing.Decide(FeaturesOf(reading), reading.Request.Choice, reading.Request.Prompt);
            parts.Set.Pool.Prefetch([.. decision.Used.OrderByDescending(index => decision.Experts[index].Weight)]);
        }
    }

    private void Route(SequenceReading reading)
    {
        using var scope = NewDisposeScope();
        reading.IsRouted = true;
        var request = reading.Request;
        if (request.Bare is not { } bare || bare.Forgettings == parts.Prefixes.Clears)
        {
            // Of a prompt with what was remembered, only while that has not been deleted.
            reading.Prompt.Reading.Share(parts.Prefixes);
        }

        var decision = parts.Routing.Decide(FeaturesOf(reading), request.Choice, request.Prompt);
        if (parts.Set.Pool.TryAcquire(decision.Used) is { } experts)
        {
            Answer(reading, decision, experts);
            return;
        }

        _readings.Remove(reading);
        _awaited.Add(reading, decision);
    }

    private void Answer(SequenceReading reading, RoutingDecision decision, IReadOnlyList<AdapterLease> experts)
    {
        reading.Keep(decision, experts);
        reading.Prompt.Reading.Continue(parts.Banks, decision.Weights, parts.Routing.StartsIn(reading.Request.Prompt));
        foreach (var sequence in reading.Waiting)
        {
            Greet(reading, sequence);
        }

        JoinWhenComplete(reading);
    }

    private void Greet(SequenceReading reading, Sequence sequence)
    {
        using var scope = NewDisposeScope();
        var decision = reading.Decision!;
        foreach (var expert in parts.Set.Pool.Acquire(decision.Used))
        {
            // Held from here to its end, so that no other row of its batch can be hurt by an expert that is lost.
            sequence.Hold(expert);
        }

        sequence.Weights = decision.Weights;
        if (sequence.Request is { Id: { } id, Choice.Kind: ExpertChoiceKind.Routed } && decision.Novelty is { } novelty)
        {
            parts.Set.Traffic?.Observe(id, () => AskedOf(sequence.Request), FeaturesOf(reading).cpu(), novelty);
        }

        var cached = reading.CachedFor(sequence);
        sequence.Routed(decision, cached);
        parts.Observer.PromptRead(sequence, decision, cached, parts.Time.GetElapsedTime(sequence.Submitted));
    }

    private void JoinWhenComplete(SequenceReading reading)
    {
        if (!reading.Prompt.Reading.IsComplete)
        {
            return;
        }

        while (reading.Waiting.Count > 0)
        {
            Join(reading.Waiting[0], reading.Prompt.Reading);
            reading.Remove(reading.Waiting[0]);
        }

        if (!reading.IsWanted)
        {
            End(reading);
        }
        else if (_readings.Remove(reading))
        {
            _kept.Add(reading);
        }
    }

    private void Join(Sequence sequence, PromptReading prompt)
    {
        if (prompt.Names is { } names)
        {
            sequence.Named(names);
        }

        if (sequence.Request.Settings.MaxTokens > 0)
        {
            running.Add(sequence, prompt);
        }
        else
        {
            sequence.Finish(SequenceEnd.Length);
        }
    }

    private AskedPrompt AskedOf(GenerationRequest request) =>
        request.Messages is { } messages ? new(null, messages) : new(parts.Set.Tokenizer.Decode(request.Bare?.Prompt ?? request.Prompt), null);

    // What experts are chosen by, (1, F).
    private Tensor FeaturesOf(SequenceReading reading) =>
        reading.Request.Bare is { } bare ? tensor(bare.Features, device: parts.Set.Model.Device).unsqueeze(0) : reading.Prompt.Reading.Features();

    private void End(SequenceReading reading)
    {
        _readings.Remove(reading);
        _kept.Remove(reading);
        reading.Dispose();
    }
}
