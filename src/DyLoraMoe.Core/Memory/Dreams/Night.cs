using DyLoraMoe.Core.Data;

namespace DyLoraMoe.Core.Memory.Dreams;

/// <summary>
/// A night: walks over memories, collisions as prompts, several answers of the model to each, and what passes the filters and the critics as samples. The answer that
/// is learnt is the one that most candidates gave (self-consistency, <see href="https://arxiv.org/abs/2203.11171">Wang and others</see>); learning from what a filter
/// keeps of one's own answers is filtered behavioural cloning (<see href="https://arxiv.org/abs/2312.06585">Singh and others</see>).
/// </summary>
/// <param name="answer">The model with its expert: as many answers as candidates to each prompt, with a seed.</param>
/// <param name="critics">Who judges the answers, in order.</param>
/// <param name="options">How it is dreamt.</param>
public sealed class Night(DreamAnswers answer, IReadOnlyList<IDreamCritic> critics, DreamOptions options)
{
    private const int AtOnce = 16;

    private static readonly ulong _purpose = SeededRandom.Key("dream collision");

    /// <summary>Dreams.</summary>
    /// <param name="graph">The memories.</param>
    /// <param name="known">Prompts that are learnt from already.</param>
    /// <param name="heldOut">Prompts that are measured on.</param>
    /// <param name="progress">Told how many dreams are through.</param>
    /// <param name="cancellation">Stops between batches.</param>
    public DreamReport Dream(MemoryGraph graph, IEnumerable<string> known, IEnumerable<string> heldOut, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(graph);
        options.Validate();
        var frames = graph.Nodes.GroupBy(node => node.Skill).ToDictionary(group => group.Key, group => TextFrame.Of([.. group.Select(node => node.Sample.Prompt)]), StringComparer.Ordinal);
        var (seen, aside) = (Asked(frames.Values, known), Asked(frames.Values, heldOut));
        var walks = new MemoryWalk(graph, options);
        var dreams = new List<Dream>();
        foreach (var numbers in Enumerable.Range(0, options.Count).Chunk(AtOnce))
        {
            cancellation.ThrowIfCancellationRequested();
            var begun = numbers.Select(number => Begun(number, graph, walks, frames, seen, aside)).ToList();
            dreams.AddRange(Judged(Answered(begun, cancellation), cancellation));
            progress?.Report(dreams.Count);
        }

        return new(dreams);
    }

    private Dream Begun(int number, MemoryGraph graph, MemoryWalk walks, Dictionary<string, TextFrame> frames, AskedBefore seen, AskedBefore aside)
    {
        var path = walks.Take(number);
        var other = path.LastOrDefault(node => node != path[^1], path[^1]);
        var prompt = DreamCollision.Of(graph.Nodes[path[^1]], graph.Nodes[other], frames, new SeededRandom((ulong)options.Seed, _purpose, (ulong)number));
        var outcome = prompt is null ? DreamOutcome.Nothing : aside.Has(prompt) ? DreamOutcome.Leak : seen.Has(prompt) ? DreamOutcome.Duplicate : DreamOutcome.Kept;
        if (outcome == DreamOutcome.Kept)
        {
            // Whatever comes of it: asked once is enough for a night.
            seen.Add(prompt!);
        }

        return new(number, [.. path.Select(node => graph.Nodes[node].Sample.Prompt)], prompt, new SortedDictionary<string, int>(StringComparer.Ordinal), null, 0, new SortedDictionary<string, double>(StringComparer.Ordinal), outcome);
    }

    private List<Dream> Answered(List<Dream> begun, CancellationToken cancellation)
    {
        var asked = begun.Where(dream => dream.IsKept).ToList();
        if (asked.Count == 0)
        {
            return begun;
        }

        var answers = answer([.. asked.Select(dream => dream.Prompt!)], options.Candidates, (int)((options.Seed * 7919) + asked[0].Number), cancellation);
        var answered = asked.Zip(answers, Counted).ToDictionary(dream => dream.Number);
        return [.. begun.Select(dream => answered.GetValueOrDefault(dream.Number, dream))];
    }

    private Dream Counted(Dream dream, IReadOnlyList<string?> candidates)
    {
        var counts = new SortedDictionary<string, int>(candidates.OfType<string>().Where(text => text.Trim().Length > 0).GroupBy(text => text).ToDictionary(group => group.Key, group => group.Count()), StringComparer.Ordinal);
        if (counts.Count == 0)
        {
            return dream with { Outcome = DreamOutcome.Unsure };
        }

        var (text, count) = counts.MaxBy(pair => pair.Value);
        var agreement = (double)count / candidates.Count;
        var outcome = agreement < options.LeastAgreement ? DreamOutcome.Unsure : agreement > options.MostAgreement ? DreamOutcome.Easy : DreamOutcome.Kept;
        return dream with { Answers = counts, Answer = text, Agreement = agreement, Outcome = outcome };
    }

    private List<Dream> Judged(List<Dream> dreams, CancellationToken cancellation)
    {
        foreach (var critic in critics)
        {
            var judged = dreams.Where(dream => dream.IsKept).ToList();
            var scores = critic.Score([.. judged.Select(dream => new DreamtAnswer(dream.Prompt!, dream.Answer!))], cancellation);
            var found = judged.Zip(scores, (dream, score) => dream with
            {
                Scores = new SortedDictionary<string, double>(dream.Scores.ToDictionary(), StringComparer.Ordinal) { [critic.Name] = score },
                Outcome = score >= critic.Least ? DreamOutcome.Kept : DreamOutcome.Rejected,
            }).ToDictionary(dream => dream.Number);
            dreams = [.. dreams.Select(dream => found.GetValueOrDefault(dream.Number, dream))];
        }

        return dreams;
    }

    private AskedBefore Asked(IEnumerable<TextFrame> frames, IEnumerable<string> prompts)
    {
        var asked = new AskedBefore(frames, options.NearDuplicate);
        foreach (var prompt in prompts)
        {
            asked.Add(prompt);
        }

        return asked;
    }
}

/// <summary>Answers of a model to prompts.</summary>
/// <param name="prompts">The prompts.</param>
/// <param name="candidates">Answers to each.</param>
/// <param name="seed">Seed of the sampling.</param>
/// <param name="cancellation">Stops between tokens.</param>
/// <returns>For each prompt its answers; null for one that did not come to an end.</returns>
public delegate IReadOnlyList<IReadOnlyList<string?>> DreamAnswers(IReadOnlyList<string> prompts, int candidates, int seed, CancellationToken cancellation);
