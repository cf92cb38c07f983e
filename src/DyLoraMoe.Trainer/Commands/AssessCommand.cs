using System.Globalization;
using DyLoraMoe.CommandLine;
using DyLoraMoe.Core.Novelty;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Trainer.CommandLine;
using DyLoraMoe.Trainer.Workspaces;

namespace DyLoraMoe.Trainer.Commands;

/// <summary><c>dylora assess</c>.</summary>
internal static class AssessCommand
{
    /// <summary>The verb with its options.</summary>
    public static Verb Create()
    {
        var workspace = new WorkspaceOptions();
        var data = new DataOptions();
        var trial = OptionOf.Flag("--head-start", "Also try what learn would try: how much of a head start the nearest expert has. Takes a little training.");
        var learning = new LearningOptions();
        var json = SharedOptions.Json();
        var compute = new ComputeOptions(trains: true);
        return new Verb("assess", "Say whether data are new to a workspace, with every signal's figures. Nothing is learnt.")
        {
            Details = "The data are judged as learn would judge them, each sample once and whatever their order. Novel: no expert knows this. Extends: an expert knows the task but has something to learn from the data. Covered: an expert does them as well as its own. "
                + "Each signal's p-value is the share of batches of the known skill that look as unlike it; all signals of a skill together are held against the false-alarm rate. "
                + "When learn finds Novel data on which some expert is not plainly wrong, it also tries how much of a head start that expert has, and may extend it; --head-start does the same here.",
            Examples = ["dylora assess --workspace work --data unknown.jsonl"],
        }.With([.. workspace.All, .. data.All, trial, .. learning.All, json, .. compute.All]).Runs(parsed =>
        {
            var choice = data.Of(parsed);
            return WorkspaceVerb.Run(parsed, workspace, compute, learning, data, creates: false, (session, stop) =>
            {
                var found = SkillData.Of(SkillData.Pieces(choice.Read(Console.Error.WriteLine).Samples, session.Policy.Data.Context), session.Tokenizer, session.Policy.Data);
                DataNotes.SayCut(Console.Error.WriteLine, session.Policy.Data.Context, found.Cut.Prompts, found.Cut.Answers);
                found.RequireEnough();
                var run = new LearnRun(session, Console.Error.WriteLine, new RunSettings(), stop);
                var assessment = parsed.GetValue(trial) ? run.AssessWithHeadStart(found).Assessment : run.Assess(found.AllTokens);
                if (parsed.GetValue(json))
                {
                    Console.Write(JsonText.Of(assessment));
                }
                else
                {
                    Print(assessment);
                }

                return ExitCode.Done;
            });
        });
    }

    private static void Print(NoveltyAssessment assessment)
    {
        Console.WriteLine($"{assessment.Outcome}: {assessment.Reason}");
        if (assessment.Skills.Count > 0)
        {
            var table = new Table("skill", "expert", "signal", "score", "p-value", "deviations");
            foreach (var match in assessment.Skills)
            {
                foreach (var figure in match.Signals)
                {
                    table.Add(match.Skill, match.Expert ?? "-", figure.Signal, Table.Number(figure.Score, 4), Table.Number(figure.PValue, 4), Table.Number(figure.Deviations, 1));
                }

                table.Add(match.Skill, match.Expert ?? "-", "all together", "", Table.Number(match.PValue, 4), "");
            }

            Console.WriteLine();
            table.WriteTo(Console.Out);
        }

        if (assessment.Experts.Count > 0)
        {
            var table = new Table("expert", "backbone", "with expert", "on its own data", "recovered share", "by frequencies", "beyond frequencies");
            foreach (var expert in assessment.Experts)
            {
                table.Add(
                    expert.Expert,
                    Table.Number(expert.BackboneLoss, 4),
                    Table.Number(expert.Loss, 4),
                    Table.Number(expert.OwnLoss, 4),
                    Share(expert.Share),
                    Table.Number(expert.UnigramLoss, 4),
                    Share(expert.ShareBeyondUnigram));
            }

            Console.WriteLine();
            table.WriteTo(Console.Out);
        }
    }

    private static string Share(double? share) => share?.ToString("0.00", CultureInfo.InvariantCulture) ?? "-";
}
