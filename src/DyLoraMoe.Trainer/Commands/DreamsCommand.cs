using System.Text.Json.Nodes;
using DyLoraMoe.CommandLine;
using DyLoraMoe.Core.Data.Reading;
using DyLoraMoe.Core.Memory.Consolidation;
using DyLoraMoe.Core.Memory.Dreams;
using DyLoraMoe.Core.Safetensors;
using DyLoraMoe.Trainer.CommandLine;
using DyLoraMoe.Trainer.Dreams;
using DyLoraMoe.Trainer.Workspaces;

namespace DyLoraMoe.Trainer.Commands;

/// <summary>What is dreamt, and where it is written.</summary>
/// <param name="Expert">The expert; null for every one.</param>
/// <param name="Night">How it is dreamt.</param>
/// <param name="Episodes">Episodes that are memories too; null for none.</param>
/// <param name="Rules">What answers of skills are like; null when nobody says.</param>
/// <param name="Judge">Another critic; null for none.</param>
/// <param name="Out">The folder of journals and pages.</param>
/// <param name="Json">Print JSON.</param>
internal sealed record DreamsOptions(string? Expert, DreamOptions Night, SharedEpisodes? Episodes, SkillRules? Rules, JudgeOptions? Judge, string Out, bool Json);

/// <summary><c>dylora dreams</c>.</summary>
internal static class DreamsCommand
{
    /// <summary>The verb with its options.</summary>
    public static Verb Create()
    {
        var defaults = new DreamOptions();
        var workspace = OptionOf.Text("--workspace", "DIR", "The folder in which the backbone keeps learning.");
        var show = OptionOf.Text("--show", "JOURNAL", "Dream nothing: write the page of a journal that is there, such as a Job's dreams.jsonl.");
        var output = OptionOf.Text("--out", "DIR", "The folder for journals and pages; a night whose journal is there goes on.", required: true);
        var model = OptionOf.Text("--model", "DIR", "The backbone. [default: where the workspace found it first]");
        var expert = OptionOf.Text("--expert", "NAME", "The expert that dreams. [default: every one, one after the other]");
        var count = OptionOf.Whole("--count", "N", $"Dreams that an expert tries. [default: {defaults.Count}]", 1, 100_000);
        var candidates = OptionOf.Whole("--candidates", "N", $"Answers to each. [default: {defaults.Candidates}]", 3, 64);
        var temperature = OptionOf.Number("--temperature", "T", $"Temperature of the answers. [default: {defaults.Temperature}]", 0.01, 10);
        var agreement = OptionOf.Number("--least-agreement", "SHARE", $"Least share of the answers that must agree. [default: {defaults.LeastAgreement}]", 0, 1);
        var likelihood = OptionOf.Number("--least-likelihood", "SHARE", $"Least share of real answers that gain less than a dream's; 0 keeps all. [default: {defaults.LeastLikelihood}]", 0, 1);
        var store = OptionOf.Text("--store", "DIR", "A router's memory: its shared episodes with a score of 0.5 are memories of --expert too. [default: none]");
        var rules = OptionOf.Texts("--rule", "SKILL=REGEX", "What prompt and answer of a skill match together, from end to end; a dream that does not is refused. May be given several times.");
        var judge = new JudgeArguments();
        var seed = SharedOptions.Seed();
        var json = SharedOptions.Json();
        var compute = new ComputeOptions();
        return new Verb("dreams", "Dream a night as a Consolidation does, and look at it: what is kept, what is refused and why. Nothing is learnt.")
        {
            Details = "Memories of an expert's skills collide on walks and make prompts, the expert answers, filters and critics judge. For each expert --out gets NAME.jsonl, the journal with every "
                + "dream, NAME.html, a page with the memories as a drawing, and NAME.samples.jsonl, what is kept, for 'dylora train --dreams'. A night that was stopped or killed goes on with the same command.",
            Examples =
            [
                "dylora dreams --workspace work --out night --count 128",
                @"dylora dreams --workspace work --out night --rule 'odd=Odd or even: \d+ -> (odd|even)'",
                "dylora dreams --workspace work --out night --judge http://127.0.0.1:8080/v1 --judge-model judge",
                "dylora dreams --show night/reverse.jsonl --out pages",
            ],
        }.With([workspace, model, show, output, expert, count, candidates, temperature, agreement, likelihood, store, rules, .. judge.All, seed, json, .. compute.All]).Runs(parsed =>
        {
            var (folder, journal) = (parsed.GetValue(workspace), parsed.GetValue(show));
            if (folder is null == journal is null)
            {
                throw new UsageException("Give either --workspace, to dream, or --show, to look at a night.");
            }

            if (journal is not null)
            {
                return Show(journal, parsed.GetValue(output)!, parsed.GetValue(json));
            }

            var options = new DreamsOptions(
                parsed.GetValue(expert),
                defaults with
                {
                    Count = parsed.GetValue(count) ?? defaults.Count,
                    Candidates = parsed.GetValue(candidates) ?? defaults.Candidates,
                    Temperature = parsed.GetValue(temperature) ?? defaults.Temperature,
                    LeastAgreement = parsed.GetValue(agreement) ?? defaults.LeastAgreement,
                    LeastLikelihood = parsed.GetValue(likelihood) ?? defaults.LeastLikelihood,
                    Seed = parsed.GetValue(seed) ?? defaults.Seed,
                },
                EpisodesOf(parsed.GetValue(store), parsed.GetValue(expert)),
                RulesOf(parsed.GetValue(rules)!),
                judge.Of(parsed),
                parsed.GetValue(output)!,
                parsed.GetValue(json));
            return WorkspaceVerb.Run(parsed, compute, Workspace.Open(folder!, parsed.GetValue(model)), (session, stop) => Dream(session, options, stop));
        });
    }

    private static int Show(string path, string output, bool asJson)
    {
        var (journal, name) = (DreamJournal.Read(path), Path.GetFileNameWithoutExtension(path));
        Write(output, name, new DreamtNight(journal.Graph, new DreamReport(journal.Dreams)));
        Print([(name, new DreamReport(journal.Dreams))], output, asJson);
        return ExitCode.Done;
    }

    private static int Dream(WorkspaceSession session, DreamsOptions options, CancellationToken stop)
    {
        Directory.CreateDirectory(options.Out);
        var nights = new List<(string Expert, DreamReport Report)>();
        foreach (var (name, entry) in Experts(session.Workspace.State, options.Expert))
        {
            if (Dream(session, name, entry, options, stop) is { } night)
            {
                Write(options.Out, name, night);
                nights.Add((name, night.Report));
            }
            else
            {
                Console.Error.WriteLine($"{name}: {ExpertNight.Nothing}");
            }
        }

        Print(nights, options.Out, options.Json);
        return ExitCode.Done;
    }

    private static DreamtNight? Dream(WorkspaceSession session, string name, ExpertEntry entry, DreamsOptions options, CancellationToken stop)
    {
        var skills = session.Workspace.State.Skills.Where(pair => pair.Value.Status == SkillStatus.Ready && pair.Value.Expert == name).Select(pair => new NightSkill(pair.Key, session.Data(pair.Value.Datasets))).ToList();
        using var expert = session.Load(entry);
        using var judge = options.Judge is { } asked ? new JudgeCritic(asked, JudgeCritic.ExamplesOf(skills.Select(skill => skill.Data)), TimeProvider.System) : null;
        var night = new ExpertNight(session, expert, entry.Digest, skills, options.Night) { Episodes = options.Episodes, Rules = options.Rules, Critics = judge is null ? [] : [judge] };
        return night.Dream(Path.Combine(options.Out, name + ".jsonl"), done => Console.Error.WriteLine($"{name}: {done} of {options.Night.Count} dreams"), stop);
    }

    private static SharedEpisodes? EpisodesOf(string? folder, string? expert) =>
        folder is null ? null
        : expert is null ? throw new UsageException("--store needs --expert: the one that such questions are routed to.")
        : Directory.Exists(folder) ? SharedEpisodes.In(folder, new PromotionRule())
        : throw new DirectoryNotFoundException($"{folder} does not exist.");

    private static SkillRules? RulesOf(string[] rules)
    {
        var pairs = rules.Select(rule => rule.Split('=', 2)).ToList();
        if (pairs.Any(pair => pair.Length < 2 || pair[0].Length == 0) || pairs.DistinctBy(pair => pair[0]).Count() < pairs.Count)
        {
            throw new UsageException(@"Expected --rule as SKILL=REGEX, once for a skill, such as 'odd=Odd or even: \d+ -> (odd|even)'.");
        }

        try
        {
            return pairs.Count == 0 ? null : new SkillRules(pairs.ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal));
        }
        catch (ArgumentException error)
        {
            throw new UsageException(error.Message);
        }
    }

    private static IEnumerable<KeyValuePair<string, ExpertEntry>> Experts(WorkspaceState state, string? name)
    {
        var served = state.Experts.Where(pair => !pair.Value.IsArchived).ToList();
        return served.Count == 0 ? throw new InvalidDataException("The workspace has no experts yet; 'dylora learn' makes some.")
            : name is null ? served
            : served.Exists(pair => pair.Key == name) ? served.Where(pair => pair.Key == name)
            : throw new UsageException($"There is no expert '{name}'; the workspace has {string.Join(", ", served.Select(pair => pair.Key))}.");
    }

    private static void Write(string output, string name, DreamtNight night)
    {
        Directory.CreateDirectory(output);
        AtomicFile.WriteText(Path.Combine(output, name + ".html"), DreamPage.Of($"Dreams of {name}", night.Graph, night.Report));
        AtomicFile.Write(
            Path.Combine(output, name + ".samples.jsonl"),
            stream => DatasetWriter.WriteJsonLines(stream, night.Report.Dreams.Where(dream => dream.IsKept).Select(dream => dream.SampleIn(night.Graph))));
    }

    private static void Print(IReadOnlyList<(string Expert, DreamReport Report)> nights, string output, bool asJson)
    {
        if (asJson)
        {
            Console.WriteLine(new Report()
                .Add("out", output)
                .Add("nights", new JsonArray([.. nights.Select(night => (JsonNode?)new JsonObject
                {
                    ["expert"] = night.Expert,
                    ["dreams"] = night.Report.Dreams.Count,
                    ["kept"] = night.Report.Kept,
                    ["distinct_2"] = night.Report.Distinct2,
                    ["outcomes"] = new JsonObject(night.Report.Outcomes.Select(pair => KeyValuePair.Create(pair.Key.ToString(), (JsonNode?)pair.Value))),
                })]))
                .ToJson());
            return;
        }

        var outcomes = Enum.GetValues<DreamOutcome>();
        var table = new Table(["expert", "dreams", .. outcomes.Select(outcome => outcome.ToString().ToLowerInvariant()), "distinct-2"]);
        foreach (var (expert, report) in nights)
        {
            table.Add([
                expert,
                Report.Count(report.Dreams.Count),
                .. outcomes.Select(outcome => Report.Count(report.Outcomes.GetValueOrDefault(outcome))),
                report.Distinct2 is { } distinct ? Table.Number(distinct, 2) : "none",
            ]);
        }

        table.WriteTo(Console.Out);
        Console.WriteLine($"pages, journals and samples are in {output}");
    }
}
