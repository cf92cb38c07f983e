using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Memory.Dreams;
using DyLoraMoe.Trainer.CommandLine;
using DyLoraMoe.Trainer.Dreams;
using DyLoraMoe.Trainer.Workspaces;

namespace DyLoraMoe.Trainer.Jobs;

/// <summary>The dreams of a night: made once, with a journal of their own in the job's folder of the store, and told of in its log.</summary>
/// <param name="Tried">Dreams that were tried.</param>
/// <param name="Kept">Prompts with answers that are learnt from.</param>
internal sealed record JobDreams(int Tried, IReadOnlyList<DreamtAnswer> Kept)
{
    /// <summary>Names of the episodes that dreams which are learnt from are made of.</summary>
    public IReadOnlyList<string> Episodes { get; init; } = [];

    private const string FileName = "dreams.jsonl";

    // How often a night says how far it is, and is saved where its folder is not yet the store's.
    private const int Tellings = 10;

    /// <summary>Dreams for an expert; none when the request wants none, or its skills have no questions.</summary>
    /// <param name="context">The job.</param>
    /// <param name="session">The backbone.</param>
    /// <param name="expert">The expert as it is.</param>
    /// <param name="skills">What it has learnt.</param>
    /// <param name="episodes">The memory; null when the night has none.</param>
    public static JobDreams Of(JobContext context, WorkspaceSession session, LoraAdapter expert, IReadOnlyList<NightSkill> skills, SharedEpisodes? episodes) =>
        context.Request.Consolidate!.Dreams is { } wanted ? context.Journal.Do("dreams", () => Dreamt(context, session, expert, skills, episodes, wanted)) : new JobDreams(0, []);

    /// <summary>The dreams as samples.</summary>
    public IReadOnlyList<TokenizedSample> Tokens(WorkspaceSession session) =>
        ExpertNight.TokenizerOf(session).TokenizeAll(Kept.Select(dream => dream.Sample));

    private static JobDreams Dreamt(JobContext context, WorkspaceSession session, LoraAdapter expert, IReadOnlyList<NightSkill> skills, SharedEpisodes? episodes, DreamInput wanted)
    {
        var input = context.Request.Consolidate!;
        var options = new DreamOptions { Count = wanted.Count, Candidates = wanted.Candidates, Seed = input.Run };
        using var judge = wanted.Judge is { } asked ? JudgeOf(asked, context.Variable, skills.Select(skill => skill.Data)) : null;
        var night = new ExpertNight(session, expert, input.From.Digest, skills, options)
        {
            Episodes = episodes,
            Rules = RulesOf(wanted.Rules, skills),
            Critics = judge is null ? [] : [judge],
        };
        if (Dreamt(context, night, options.Count) is not var (graph, report))
        {
            context.Say(ExpertNight.Nothing);
            return new JobDreams(0, []);
        }

        context.Say($"{report.Dreams.Count} dreams: {string.Join(", ", report.Outcomes.Select(pair => $"{pair.Value} {pair.Key}"))}");
        var kept = report.Dreams.Where(dream => dream.IsKept).ToList();
        return new JobDreams(report.Dreams.Count, [.. kept.Select(dream => DreamtAnswer.Of(dream, graph))])
        {
            Episodes = [.. kept.SelectMany(dream => dream.Collision).Select(memory => graph.Nodes[memory].Episode).OfType<string>().Distinct(StringComparer.Ordinal)],
        };
    }

    // Rules of skills that other experts have are for their nights.
    private static SkillRules? RulesOf(IReadOnlyList<RuleInput> rules, IReadOnlyList<NightSkill> skills)
    {
        var own = rules.Where(rule => skills.Any(skill => skill.Name == rule.Skill)).ToDictionary(rule => rule.Skill, rule => rule.Pattern, StringComparer.Ordinal);
        try
        {
            return own.Count == 0 ? null : new SkillRules(own);
        }
        catch (ArgumentException error)
        {
            throw new InvalidInputException(Reasons.InvalidInput, error.Message, error);
        }
    }

    /// <summary>The judge that a request names.</summary>
    /// <param name="judge">What the request says of it.</param>
    /// <param name="variable">Reads a variable of the environment, where the key is.</param>
    /// <param name="skills">What it is shown samples of.</param>
    /// <exception cref="InvalidInputException">Its address is none.</exception>
    internal static JudgeCritic JudgeOf(JudgeInput judge, Func<string, string?> variable, IEnumerable<SkillData> skills)
    {
        try
        {
            var options = JudgeOptions.Of(judge.Url, judge.Model) with { Least = judge.LeastScore, Key = JudgeOptions.KeyOf(variable) };
            return new JudgeCritic(options, JudgeCritic.ExamplesOf(skills), TimeProvider.System);
        }
        catch (UsageException error)
        {
            throw new InvalidInputException(Reasons.InvalidInput, error.Message, error);
        }
    }

    private static DreamtNight? Dreamt(JobContext context, ExpertNight night, int count)
    {
        var (journal, saver, told) = (Path.Combine(context.Journal.Folder, FileName), new CheckpointSaver(context.Job, context.Say), 0);
        try
        {
            return night.Dream(journal, Tell, context.Stop);
        }
        catch (DreamJournalException error)
        {
            // A program of another version may find a journal that it cannot go on from.
            context.Say($"the night begins afresh: {error.Message}");
            File.Delete(journal);
            return night.Dream(journal, Tell, context.Stop);
        }
        catch (InvalidDataException error)
        {
            throw new InvalidInputException(Reasons.InvalidInput, error.Message, error);
        }
        catch (OperationCanceledException)
        {
            saver.Save();
            throw;
        }

        void Tell(int done)
        {
            if (done * Tellings / count > told * Tellings / count)
            {
                context.Say($"{done} of {count} dreams");
                saver.Save();
                told = done;
            }
        }
    }
}
