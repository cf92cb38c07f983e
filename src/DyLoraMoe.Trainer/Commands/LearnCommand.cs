using DyLoraMoe.CommandLine;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Trainer.CommandLine;
using DyLoraMoe.Trainer.Workspaces;

namespace DyLoraMoe.Trainer.Commands;

/// <summary><c>dylora learn</c>.</summary>
internal static class LearnCommand
{
    /// <summary>The verb with its options.</summary>
    public static Verb Create()
    {
        var workspace = new WorkspaceOptions();
        var skill = OptionOf.Text("--skill", "NAME", "The skill that the data belong to; more data may follow under the same name.", required: true);
        var novelty = OptionOf.Text("--novelty", "WHAT", "auto, novel (a new expert without asking), or the name of the expert to extend. [default: auto]");
        var again = OptionOf.Flag("--again", "Teach the skill again, though it has seen the data: a new expert learns all that it has, and replaces the one before if no skill gets worse.");
        var replace = OptionOf.Flag("--replace", "The data take the place of all that the skill has, as when they are corrected or some are withdrawn: a new expert learns these and no others.");
        var data = new DataOptions();
        var drop = SharedOptions.DropDuplicates();
        var learning = new LearningOptions();
        var every = OptionOf.Number("--checkpoint-every", "MINUTES", "Time between checkpoints of training. [default: 10]", 0.001, 100_000);
        var json = SharedOptions.Json();
        var compute = new ComputeOptions(trains: true);
        return new Verb("learn", "Teach a workspace one skill: assess the data, create or extend an expert, fit the router, check the older skills, admit.")
        {
            Details = "What is learnt depends on the data: a new skill gets an expert of its own, a known one in other words extends the expert that has it, and data that an "
                + "expert does as well as its own change nothing, unless it has not learnt its skill whole (more than a fiftieth of the backbone's loss is left): then it goes on learning. A candidate that would make an older skill worse by more than the regression budget, or answer the "
                + "new data on average worse by more than ten times that than they are answered now, is refused, with the figures, and exit code 3. Every phase is "
                + "saved as it ends and training keeps checkpoints: Ctrl-C, SIGTERM or a kill, and the same command goes on.",
            Examples =
            [
                "dylora learn --workspace work --model models/dylora-tiny --skill reverse --data reverse.jsonl",
                "dylora learn --workspace work --skill reverse --data reverse.jsonl --again --rank 16",
                "dylora learn --workspace work --skill gsm8k --data gsm8k.jsonl --mode full --rank 16 --steps 1000",
            ],
        }.With([.. workspace.All, skill, novelty, again, replace, .. data.All, drop, .. learning.All, every, json, .. compute.All]).Runs(parsed =>
        {
            var name = SkillNames.Require(parsed.GetValue(skill)!);
            var choice = data.Of(parsed);
            return WorkspaceVerb.Run(parsed, workspace, compute, learning, data, creates: true, (session, stop) =>
            {
                var place = session.Workspace;
                var dataset = SkillData.Publish(place.Store, choice.Read(Console.Error.WriteLine).Samples, place.State.Data.Context, parsed.GetValue(drop) ? Kept : null);
                using var log = new TrainingLog(Path.Combine(place.Folder, "log.jsonl"), TimeProvider.System);
                var run = new LearnRun(session, Console.Error.WriteLine, Watched(log, parsed.GetValue(every) ?? 10), stop);
                var entry = run.Run(new LearnRequest(name, dataset, parsed.GetValue(novelty) is { } what && what != "auto" ? what : null) { Again = parsed.GetValue(again), Replaces = parsed.GetValue(replace) });
                SkillReport.Of(name, entry, place.State).AddDiversity(run.Diversity).WriteTo(Console.Out, parsed.GetValue(json));
                return run.IsRefused ? ExitCode.Refused : ExitCode.Done;

                IReadOnlyList<Sample> Kept(IReadOnlyList<Sample> samples) => DataDiversity.WithoutDuplicates(samples, session.Tokenizer, Console.Error.WriteLine, stop);
            });
        });
    }

    private static RunSettings Watched(TrainingLog log, double minutes) => new()
    {
        CheckpointEvery = TimeSpan.FromMinutes(minutes),
        Progress = [new ConsoleProgress(Console.Error, Screen.RewritesLines, TimeProvider.System), log],
    };
}
