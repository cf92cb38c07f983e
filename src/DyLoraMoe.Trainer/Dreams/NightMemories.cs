using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Features;
using DyLoraMoe.Core.Memory;
using DyLoraMoe.Core.Memory.Dreams;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Trainer.Workspaces;

namespace DyLoraMoe.Trainer.Dreams;

/// <summary>A skill that a night goes over.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Data">Its samples.</param>
/// <param name="Since">When it came; null where that is not known.</param>
internal sealed record NightSkill(string Name, SkillData Data, DateTimeOffset? Since = null);

/// <summary>
/// What a night remembers: questions of the expert's skills, as many of each, and as large a part of episodes. A sample is as strong as the number of samples of its
/// skill that it stands for, and came when its skill did; an episode is as strong as it was often told and used, and came when it was told last.
/// </summary>
internal sealed class NightMemories
{
    // No skill may have this name.
    private const string Unworded = "(episodes)";

    private readonly WorkspaceSession _session;
    private readonly SharedEpisodes? _episodes;
    private readonly SampleTokenizer _tokenizer;
    private readonly int _most;
    private readonly List<Remembered> _samples;

    /// <summary>Chooses samples; episodes are chosen when the graph is made.</summary>
    /// <param name="session">The backbone.</param>
    /// <param name="skills">The skills.</param>
    /// <param name="episodes">The memory; null for none.</param>
    /// <param name="tokenizer">How samples become tokens.</param>
    /// <param name="most">Most memories.</param>
    public NightMemories(WorkspaceSession session, IReadOnlyList<NightSkill> skills, SharedEpisodes? episodes, SampleTokenizer tokenizer, int most)
    {
        (_session, _episodes, _tokenizer) = (session, episodes, tokenizer);
        _most = Math.Max(2, most / (skills.Count + (episodes is null ? 0 : 1)));
        _samples = [.. skills.SelectMany(OfSkill)];
    }

    /// <summary>Samples among them.</summary>
    public int Samples => _samples.Count;

    /// <summary>An episode's text by its name; null when it is gone.</summary>
    public Sample? TextOf(string episode) => _episodes?.Find(episode) is { } found ? SampleOf(found) : null;

    /// <summary>Whether a sample asks something that can be asked of something else.</summary>
    /// <param name="sample">The sample.</param>
    public static bool IsQuestion(Sample sample) => !sample.IsPlainText && sample.Conversation?.Messages[^1].Role is null or "user";

    /// <summary>The memories with their edges.</summary>
    /// <param name="expert">Who dreams: what it is unsure of is where walks begin.</param>
    /// <param name="stop">Stops between batches.</param>
    public MemoryGraph Graph(LoraAdapter expert, CancellationToken stop)
    {
        List<Remembered> memories = [.. _samples, .. OfEpisodes()];
        var recency = MemoryNode.RecencyOf([.. memories.Select(memory => memory.Time)]);
        var losses = _session.Evaluator.Evaluate(EvaluationSet.OfSamples(new Invocation(expert.Config).Of([.. memories.Select(memory => memory.Tokens)])), expert, stop).Samples;
        using var features = _session.Describer.Features([.. memories.Select(memory => FeatureExtractor.PromptOf(memory.Tokens))], cancellation: stop);
        using var host = features.cpu();
        return new MemoryGraph(
            [.. memories.Select((memory, at) => new MemoryNode(memory.Skill, memory.Sample, memory.Strength, recency[at], losses[at].Loss) { Episode = memory.Episode })],
            Rows(host),
            Activations(host));
    }

    private List<float[]>? Activations(TorchSharp.torch.Tensor features)
    {
        using var router = _session.ActiveRouter();
        using var probabilities = router?.Probabilities(features);
        return probabilities is null ? null : Rows(probabilities);
    }

    private static List<float[]> Rows(TorchSharp.torch.Tensor matrix) => [.. matrix.data<float>().ToArray().Chunk((int)matrix.shape[1])];

    private IEnumerable<Remembered> OfSkill(NightSkill skill)
    {
        List<Sample> questions = [.. skill.Data.Train.Where(IsQuestion)];
        var chosen = SkillData.Some(questions, _most);
        var strength = MemoryNode.StrengthOf((double)questions.Count / Math.Max(1, chosen.Count));
        return chosen.Select(sample => Tokenized(skill.Name, sample, strength, skill.Since)).OfType<Remembered>();
    }

    // In the order in which they were told.
    private IEnumerable<Remembered> OfEpisodes()
    {
        var wordings = _samples.GroupBy(memory => memory.Skill)
            .Select(group => (Skill: group.Key, Frame: TextFrame.Of([.. group.Select(memory => memory.Sample.Question)])))
            .OrderByDescending(wording => wording.Frame.Before.Length + wording.Frame.After.Length)
            .ToList();
        return (_episodes?.Chosen() ?? []).Take(_most)
            .OrderBy(episode => episode.Time)
            .ThenBy(episode => episode.Id, StringComparer.Ordinal)
            .Select(episode => Tokenized(
                wordings.FirstOrDefault(wording => wording.Frame.About(episode.Prompt) is not null).Skill ?? Unworded,
                SampleOf(episode),
                MemoryNode.StrengthOf(episode.Recurrence + episode.Uses),
                episode.Time,
                episode.Id))
            .OfType<Remembered>();
    }

    // Null for what is longer than the context.
    private Remembered? Tokenized(string skill, Sample sample, double strength, DateTimeOffset? time, string? episode = null) =>
        _tokenizer.Tokenize(sample) is [var tokens] ? new Remembered(skill, sample, tokens, strength, time, episode) : null;

    private Sample SampleOf(Episode episode) => EpisodeContext.SampleOf(episode, _session.Tokenizer);

    private sealed record Remembered(string Skill, Sample Sample, TokenizedSample Tokens, double Strength, DateTimeOffset? Time, string? Episode);
}
