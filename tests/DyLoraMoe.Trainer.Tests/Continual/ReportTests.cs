using System.Text.Json;
using System.Xml.Linq;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Testing;
using DyLoraMoe.Trainer.Continual.Arms;
using DyLoraMoe.Trainer.Continual.Reporting;
using DyLoraMoe.Trainer.Continual.Running;
using DyLoraMoe.Trainer.Continual.Scoring;
using DyLoraMoe.Trainer.Continual.Streams;

namespace DyLoraMoe.Trainer.Tests.Continual;

public class ReportTests
{
    private static readonly BenchPlan _plan = new()
    {
        Stream = SyntheticStream.Name,
        Seed = 1,
        Backbone = "none",
        Options = new StreamOptions { Tokens = 100 },
        Settings = new ArmSettings(),
        TuningSkills = 0,
    };

    // Two skills; the second visit costs the first one what `kept` does not keep.
    private static ArmRunRecord Record(string arm, int run, double kept) => new()
    {
        Stream = SyntheticStream.Name,
        Run = run,
        Arm = arm,
        Skills = ["one", "two"],
        IntroducedAt = [1, 2],
        IsExactMatch = true,
        Stages = [Stage(arm, run, 0, 0, 0), Stage(arm, run, 1, 1, 0), Stage(arm, run, 2, kept, 0.5)],
    };

    private static StageRecord Stage(string arm, int run, int stage, double one, double two) => new()
    {
        Stream = SyntheticStream.Name,
        Run = run,
        Arm = arm,
        Stage = stage,
        Rate = 1e-3,
        Tokens = stage == 0 ? 0 : 100,
        LearnSeconds = stage == 0 ? 0 : 1,
        AddedParameters = 10,
        Experts = stage,
        Scores = new Dictionary<string, SkillScore> { ["one"] = new(1 - one, one, 0), ["two"] = new(1 - two, two, 0) },
    };

    [Fact]
    public void The_report_holds_the_mean_and_interval_of_the_runs()
    {
        using var folder = new TemporaryFolder();
        var results = new BenchResults(_plan, [Record("full", 1, 0.2), Record("full", 2, 0.4), Record("oracle", 1, 1), Record("oracle", 2, 1)]);
        BenchReport.Write(folder.FullPath, "bin/dylora bench", [(results, [])]);
        var text = File.ReadAllText(folder["continual.md"]);
        Assert.Contains("| sequential full fine-tuning | 0.400 ± 0.635 | -0.700 ± 1.271 | 0.700 ± 1.271 | 0.000 ± 0.000 | 10 | 200 | 2 |", text, StringComparison.Ordinal);
        Assert.Contains("| *one LoRA per task, task known* | 0.750 ± 0.000 |", text, StringComparison.Ordinal);
        using var raw = JsonDocument.Parse(File.ReadAllText(folder["continual/synthetic.json"]));
        Assert.Equal(4, raw.RootElement.GetProperty("runs").GetArrayLength());
    }

    [Fact]
    public void What_a_report_keeps_makes_the_same_report_again()
    {
        using var folder = new TemporaryFolder();
        var routed = Record("system", 1, 0.8);
        routed = routed with
        {
            Stages = [.. routed.Stages.Select(stage => stage.Stage == 0 ? stage : stage with { Visit = "one-copy", Skill = "one", Kind = VisitKind.Duplicate, Routing = new Dictionary<string, double> { ["one"] = 0.75 }, Note = "a note" })],
            RoutedPrompts = 96,
            Novelty = [new(NoveltyKind.Far, "x", 0.5, IsNovel: true), new(NoveltyKind.Returning, "one", 0.25, IsNovel: false)],
        };
        IReadOnlyList<TuningRecord> tuning = [new("system", 1e-3, [new(1e-3, 0.5), new(1e-2, null), new(1e-3, 0.75, AdapterMode.Activated)], AdapterMode.Activated)];
        BenchReport.Write(folder["a"], "bench", [(new BenchResults(_plan, [routed, Record("full", 1, 1.0 / 3)]), tuning)]);

        var raw = RawResults.Read(BenchReport.RawFile(folder["a"], _plan.Stream));
        Assert.Equal(new ArmSetting(1e-3, AdapterMode.Activated), raw.Tuning[0].Best());
        BenchReport.Write(folder["b"], "bench", [(new BenchResults(raw.Plan, raw.Records()), raw.Tuning)]);

        foreach (var file in Directory.EnumerateFiles(folder["a"], "*", SearchOption.AllDirectories))
        {
            Assert.Equal(File.ReadAllText(file), File.ReadAllText(Path.Combine(folder["b"], Path.GetRelativePath(folder["a"], file))));
        }
    }

    [Fact]
    public void A_report_says_what_was_not_equal_when_its_figures_were_made()
    {
        IReadOnlyList<TuningRecord> tuning =
        [
            new("lora", 1e-3, [new(1e-3, 0.5), new(3e-3, 0.4), new(1e-2, 0.3)]),
            new("oracle", 3e-3, [new(1e-3, 0.5), new(3e-3, 0.6), new(1e-2, 0.3)]),
        ];

        var before = Written(_plan);
        Assert.Contains("might do better, of: one LoRA in sequence.", before, StringComparison.Ordinal);
        Assert.Contains("up to 512 of 100 tokens", before, StringComparison.Ordinal);
        Assert.Contains("The synthetic stream's figures were made before", before, StringComparison.Ordinal);
        Assert.DoesNotContain("The real stream has the same samples", before, StringComparison.Ordinal);

        var since = Written(_plan with { Rules = BenchPlan.EqualRules, Stream = RealStream.Name });
        Assert.DoesNotContain("figures were made before", since, StringComparison.Ordinal);
        Assert.Contains("The real stream has the same samples of its skills in all runs", since, StringComparison.Ordinal);

        string Written(BenchPlan plan)
        {
            using var folder = new TemporaryFolder();
            BenchReport.Write(folder.FullPath, "bench", [(new BenchResults(plan, [Record("full", 1, 0.2)]), tuning)]);
            return File.ReadAllText(folder["continual.md"]);
        }
    }

    [Fact]
    public void Every_plot_is_well_formed_and_the_same_each_time()
    {
        var results = new BenchResults(_plan, [Record("full", 1, 0.2), Record("lora", 1, 0.4)]);
        foreach (var plot in new Func<BenchResults, string>[] { Plots.Accuracy, Plots.Forgetting, Plots.Final })
        {
            Assert.Equal(plot(results), plot(results));
            Assert.NotEmpty(XDocument.Parse(plot(results)).Root!.Elements());
        }
    }

    [Fact]
    public void A_folder_of_another_plan_is_refused()
    {
        using var folder = new TemporaryFolder();
        var results = new ResultFolder(folder["results"]);
        results.Claim(_plan);
        results.Claim(_plan);
        Assert.Contains("another", Assert.Throws<InvalidDataException>(() => results.Claim(_plan with { Seed = 2 })).Message, StringComparison.Ordinal);
    }
}
