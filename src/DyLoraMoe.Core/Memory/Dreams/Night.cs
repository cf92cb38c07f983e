using DyLoraMoe.Core.Data;

namespace DyLoraMoe.Core.Memory.Dreams;

/// <summary>
/// A night: walks over memories, collisions as prompts, several answers of the model to each, and what passes the filters and the critics as samples. The answer that
/// is learnt is the one that more candidates gave than any other (self-consistency, <see href="https://arxiv.org/abs/2203.11171">Wang and others</see>); learning from what a filter
/// keeps of one's own answers is filtered behavioural cloning (<see href="https://arxiv.org/abs/2312.06585">Singh and others</see>).
/// </summary>
/// <param name="answer">The model with its expert: as many answers as candidates to each question, with a seed.</param>
/// <param name="critics">Who judges the answers, in order.</param>
/// <param name="options">How it is dreamt.</param>
public sealed class Night(DreamAnswers answer, IReadOnlyList<IDreamCritic> critics, DreamOptions options)
{
    private const int AtOnce = 16;

    private static readonly ulong _purpose = SeededRandom.Key("dream collision");
    private static readonly ulong _parts = SeededRandom.Key("dream collision parts");

    /// <summary>Dreams.</summary>
    /// <param name="graph">The memories; those of the journal where there is one.</param>
    /// <param name="known">Questions that are learnt from already.</param>
    /// <param name="heldOut">Questions that are measured on.</param>
    /// <param name="journal">Where dreams are written as the night goes on, and what it goes on from; null for nowhere.</param>
    /// <param name="progress">Told how many dreams are through, once they are written.</param>
    /// <param name="cancellation">Stops between batches.</param>
    public DreamReport Dream(
        MemoryGraph graph, IEnumerable<string> known, IEnumerable<string> heldOut, DreamJournal? journal = null, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(graph);
        options.Validate();
        var frames = graph.Nodes.GroupBy(node => node.Skill).ToDictionary(group => group.Key, group => TextFrame.Of([.. group.Select(node => node.Sample.Question)]), StringComparer.Ordinal);
        var (seen, aside) = (Asked(frames.Values, known), Asked(frames.Values, heldOut));
        var walks = new MemoryWalk(graph, options);
        var dreams = new List<Dream>();
        foreach (var numbers in Enumerable.Range(0, options.Count).Chunk(AtOnce))
        {
            cancellation.ThrowIfCancellationRequested();

            // What is written is not asked again, and is met again: walks and what was asked before depend on it.
            var begun = numbers.Select(number => Begun(number, graph, walks, frames, seen, aside)).ToList();
            var written = journal?.Dreams.Skip(dreams.Count).Take(numbers.Length).ToList() ?? [];
            dreams.AddRange(written);
            if (written.Count < numbers.Length)
            {
                var rest = Judged(Answered(begun, graph, cancellation), graph, cancellation)[written.Count..];
                journal?.Write(rest);
                dreams.AddRange(rest);
                progress?.Report(dreams.Count);
            }
        }

        return new(dreams);
    }

    private Dream Begun(int number, MemoryGraph graph, MemoryWalk walks, Dictionary<string, TextFrame> frames, AskedBefore seen, AskedBefore aside)
    {
        var path = walks.Take(number);
        var collision = MemoryWalk.Collision(path, Random(_parts, number).NextDouble() < options.Triples ? 3 : 2);
        var dream = new Dream { Number = number, Walk = path, Collision = collision, Outcome = DreamOutcome.Kept };
        if (DreamCollision.Of([.. collision.Select(node => graph.Nodes[node])], frames, Random(_purpose, number)) is not { } prompt)
        {
            return dream with { Outcome = DreamOutcome.Nothing, Reason = "nothing new comes of them" };
        }

        dream = dream with { Prompt = prompt };
        if (aside.Like(prompt) is { } measured)
        {
            return dream with { Outcome = DreamOutcome.Leak, Reason = $"held out is '{measured}'" };
        }

        if (seen.Like(prompt) is { } before)
        {
            // What somebody asked is not written down, lest it outlives the episode.
            return graph.Nodes.FirstOrDefault(node => node.Episode is not null && node.Sample.Question == before)?.Episode is { } episode
                ? dream with { Prompt = null, Outcome = DreamOutcome.Duplicate, Reason = $"known is the episode {episode}" }
                : dream with { Outcome = DreamOutcome.Duplicate, Reason = $"known, or dreamt before, is '{before}'" };
        }

        // Whatever comes of it: asked once is enough for a night.
        seen.Add(prompt);
        return dream;
    }

    private List<Dream> Answered(List<Dream> begun, MemoryGraph graph, CancellationToken cancellation)
    {
        var asked = begun.Where(dream => dream.IsKept).ToList();
        if (asked.Count == 0)
        {
            return begun;
        }

        var answers = answer([.. asked.Select(dream => dream.SampleIn(graph))], options.Candidates, (int)((options.Seed * 7919) + asked[0].Number), cancellation);
        return Replaced(begun, asked.Zip(answers, Counted));
    }

    private Dream Counted(Dream dream, IReadOnlyList<DreamCandidate> candidates)
    {
        dream = dream with { Candidates = candidates };
        var counts = candidates.Select(candidate => candidate.Text).OfType<string>().Where(text => text.Trim().Length > 0).CountBy(text => text).OrderBy(pair => pair.Key, StringComparer.Ordinal).ToList();
        if (counts.Count == 0)
        {
            return dream with { Outcome = DreamOutcome.Unsure, Reason = "no candidate came to an end" };
        }

        var (text, count) = counts.MaxBy(pair => pair.Value);
        dream = dream with { Answer = text, Agreement = (double)count / candidates.Count };
        return dream.Agreement < options.LeastAgreement ? dream with { Outcome = DreamOutcome.Unsure, Reason = Text($"{count} of {candidates.Count} candidates agree, less than {options.LeastAgreement}") }
            : counts.Count(pair => pair.Value == count) is > 1 and var shared ? dream with { Outcome = DreamOutcome.Unsure, Reason = Text($"{shared} answers have {count} of {candidates.Count} candidates each") }
            : dream.Agreement > options.MostAgreement ? dream with { Outcome = DreamOutcome.Easy, Reason = Text($"{count} of {candidates.Count} candidates agree, more than {options.MostAgreement}") }
            : dream;
    }

    private List<Dream> Judged(List<Dream> dreams, MemoryGraph graph, CancellationToken cancellation)
    {
        foreach (var critic in critics)
        {
            var judged = dreams.Where(dream => dream.IsKept).ToList();
            var verdicts = critic.Judge([.. judged.Select(dream => DreamtAnswer.Of(dream, graph))], cancellation);
            dreams = Replaced(dreams, judged.Zip(verdicts, (dream, verdict) => Judged(dream, critic, verdict)));
        }

        return dreams;
    }

    private static Dream Judged(Dream dream, IDreamCritic critic, DreamVerdict verdict)
    {
        dream = dream with { Verdicts = new SortedDictionary<string, DreamVerdict>(dream.Verdicts.ToDictionary(), StringComparer.Ordinal) { [critic.Name] = verdict } };
        return verdict.Score >= critic.Least ? dream
            : dream with { Outcome = DreamOutcome.Rejected, Reason = Text($"{critic.Name}: {verdict.Score:0.###}, less than {critic.Least}{(verdict.Note is { } note ? $"; {note}" : "")}") };
    }

    private static List<Dream> Replaced(List<Dream> dreams, IEnumerable<Dream> changed)
    {
        var byNumber = changed.ToDictionary(dream => dream.Number);
        return [.. dreams.Select(dream => byNumber.GetValueOrDefault(dream.Number, dream))];
    }

    private SeededRandom Random(ulong purpose, int number) => new((ulong)options.Seed, purpose, (ulong)number);

    private static string Text(FormattableString text) => FormattableString.Invariant(text);

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

/// <summary>Answers of a model to questions.</summary>
/// <param name="questions">The questions: prompts, or conversations that end with them. Their answers are empty.</param>
/// <param name="candidates">Answers to each.</param>
/// <param name="seed">Seed of the sampling.</param>
/// <param name="cancellation">Stops between tokens.</param>
/// <returns>For each question its answers.</returns>
public delegate IReadOnlyList<IReadOnlyList<DreamCandidate>> DreamAnswers(IReadOnlyList<Sample> questions, int candidates, int seed, CancellationToken cancellation);
