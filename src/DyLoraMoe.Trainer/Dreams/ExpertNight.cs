using System.Security.Cryptography;
using System.Text.Json;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Generation;
using DyLoraMoe.Core.Memory.Dreams;
using DyLoraMoe.Trainer.Workspaces;

namespace DyLoraMoe.Trainer.Dreams;

/// <summary>The night of one expert over what its skills hold, in a job or in a workspace: the expert answers; rules judge first where there are any, then its own likelihood.</summary>
/// <param name="session">The backbone.</param>
/// <param name="expert">The expert.</param>
/// <param name="digest">Its digest.</param>
/// <param name="skills">What it has learnt.</param>
/// <param name="asked">How it is dreamt. Answers may be as long as nearly all of the skills' own.</param>
internal sealed class ExpertNight(WorkspaceSession session, LoraAdapter expert, string digest, IReadOnlyList<NightSkill> skills, DreamOptions asked)
{
    // Share of the real answers that a dream's may be as long as: all but the longest few.
    private const double Usual = 0.95;

    // Enough to tell a rule that is wrong from one that holds.
    private const int MostRuled = 64;

    private readonly SampleTokenizer _tokenizer = TokenizerOf(session);
    private readonly DreamOptions _options = asked with { MaxTokens = Math.Max(asked.MaxTokens, AnswerTokens(skills.SelectMany(skill => skill.Data.TrainTokens))) };

    /// <summary>What is said when there is nothing to dream of.</summary>
    public const string Nothing = "no dreams: they are made from questions with answers, and judged by held-out ones";

    /// <summary>Episodes that are memories too; null for none.</summary>
    public SharedEpisodes? Episodes { get; init; }

    /// <summary>What answers of the skills are like; null when nobody says.</summary>
    public SkillRules? Rules { get; init; }

    /// <summary>Who judges besides, after the likelihood.</summary>
    public IReadOnlyList<IDreamCritic> Critics { get; init; } = [];

    /// <summary>How samples become tokens here.</summary>
    public static SampleTokenizer TokenizerOf(WorkspaceSession session) =>
        new(new TextTokenSource(session.Tokenizer), new TokenizeOptions { MaxTokens = session.Policy.Data.Context + 1, Loss = session.Policy.Data.Loss });

    /// <summary>Tokens of nearly all answers of samples, their end included; 0 without samples.</summary>
    /// <param name="samples">The samples.</param>
    internal static int AnswerTokens(IEnumerable<TokenizedSample> samples)
    {
        int[] lengths = [.. samples.Select(sample => sample.Ids.Length - sample.AnswerStart).Order()];
        return lengths.Length == 0 ? 0 : lengths[(int)Math.Ceiling(Usual * lengths.Length) - 1];
    }

    /// <summary>Dreams, or goes on where a journal ends.</summary>
    /// <param name="path">The journal.</param>
    /// <param name="progress">Told how many dreams are through, on the thread that dreams.</param>
    /// <param name="stop">Stops between tokens; what is in the journal stays.</param>
    /// <returns>Memories and dreams; null when the skills have no questions, or none of them is held out.</returns>
    /// <exception cref="DreamJournalException">The journal is of another night, is damaged, or remembers an episode that is gone.</exception>
    /// <exception cref="InvalidDataException">A skill's rule holds for none of its own samples.</exception>
    public DreamtNight? Dream(string path, Action<int> progress, CancellationToken stop)
    {
        var memories = new NightMemories(session, skills, Episodes, _tokenizer, _options.MostMemories);
        List<TokenizedSample> real = [.. skills.SelectMany(skill => skill.Data.ChosenBy)];
        if (memories.Samples < 2 || real.Count == 0)
        {
            return null;
        }

        CheckRules();
        var likelihood = new LikelihoodCritic(session.Evaluator, expert, real, dream => _tokenizer.Tokenize(dream.Sample)[0], _options.LeastLikelihood, stop);
        List<IDreamCritic> critics = [.. Rules is null ? [] : (IEnumerable<IDreamCritic>)[Rules], likelihood, .. Critics];
        var journal = DreamJournal.Open(path, Identity(critics), () => memories.Graph(expert, stop), memories.TextOf);
        using var bank = new AdapterBank([expert]);
        var report = new Night(Answers(bank), critics, _options).Dream(
            journal.Graph,
            skills.SelectMany(skill => skill.Data.Train).Select(sample => sample.Question).Concat(journal.Graph.Nodes.Where(node => node.Episode is not null).Select(node => node.Sample.Question)),
            skills.SelectMany(skill => skill.Data.HeldOut).Select(sample => sample.Question),
            journal,
            new Progress(progress),
            stop);
        return new DreamtNight(journal.Graph, report);
    }

    // A rule that refuses what is right would leave a night without dreams and say that they are wrong.
    private void CheckRules()
    {
        foreach (var (name, data, _) in skills)
        {
            var samples = SkillData.Some(data.Train, MostRuled);
            if (samples.Count > 0 && Rules?.HoldsFor(name, samples) is 0)
            {
                throw new InvalidDataException($"The rule of skill '{name}' holds for none of {samples.Count} of its samples; prompt and answer together must match it from end to end.");
            }
        }
    }

    private DreamAnswers Answers(AdapterBank bank)
    {
        var generator = new TextGenerator(session.Model, session.Tokenizer);
        float[] alone = [1];
        return (questions, candidates, seed, cancellation) =>
        {
            List<IReadOnlyList<int>> asked = [.. questions.SelectMany(question => Enumerable.Repeat(Encode(question), candidates))];
            var texts = generator.Generate(
                asked,
                new GenerationOptions { MaxTokens = _options.MaxTokens, Temperature = _options.Temperature, Seed = seed, LogProbabilities = true },
                new GenerationAdapters(bank, [.. asked.Select(_ => alone)]),
                cancellationToken: cancellation);
            cancellation.ThrowIfCancellationRequested();
            return [.. texts.Select(text => new DreamCandidate(text.FinishReason == FinishReason.Stop ? text.Text : null, text.LogProbability)).Chunk(candidates)];
        };
    }

    // As it will be learnt: what is too long loses its beginning.
    private int[] Encode(Sample question) => _tokenizer.Tokenize(question) is [var tokens] ? tokens.Ids[..tokens.AnswerStart] : [];

    // What decides the dreams, apart from figures that differ in their last digits between machines: those of a night that goes on are in its journal.
    private string Identity(IEnumerable<IDreamCritic> critics) => Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(new
    {
        Expert = digest,
        Skills = skills.Select(skill => new { skill.Name, skill.Data.Digest, skill.Data.Count, HeldOut = skill.Data.HeldOut.Count }),
        session.Policy.Data,
        Options = _options,
        Episodes = Episodes is not null,
        Rules = Rules?.Patterns,
        Critics = critics.Select(critic => new { critic.Name, critic.Least }),
    })));

    // At once and on this thread, so that lines come in order.
    private sealed class Progress(Action<int> report) : IProgress<int>
    {
        public void Report(int value) => report(value);
    }
}

/// <summary>A night as it was dreamt.</summary>
/// <param name="Graph">The memories.</param>
/// <param name="Report">The dreams.</param>
internal sealed record DreamtNight(MemoryGraph Graph, DreamReport Report);
