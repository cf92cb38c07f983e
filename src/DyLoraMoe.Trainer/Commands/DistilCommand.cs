using System.Text.Json.Nodes;
using DyLoraMoe.Artifacts;
using DyLoraMoe.CommandLine;
using DyLoraMoe.Core.Compute;
using DyLoraMoe.Core.Growth;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Safetensors;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Trainer.CommandLine;
using DyLoraMoe.Trainer.Growth.Copies;
using static TorchSharp.torch;

namespace DyLoraMoe.Trainer.Commands;

/// <summary>One backbone learns what another computes.</summary>
/// <param name="Teacher">The teacher's folder.</param>
/// <param name="Student">The student's folder, which stays as it is.</param>
/// <param name="Out">The folder to write.</param>
/// <param name="Noise">Noise in what growth added, and how the student grew; null for none.</param>
/// <param name="Teaching">Texts and schedule.</param>
/// <param name="Run">How the run is watched and saved.</param>
/// <param name="StoredType">Element type of the result; null for the student's own.</param>
/// <param name="Json">Print JSON.</param>
/// <param name="Compute">Device.</param>
internal sealed record DistilOptions(
    string Teacher, string Student, string Out, (double Scale, GrowthPlan Plan)? Noise, TeachingChoice Teaching, RunChoice Run, ScalarType? StoredType, bool Json, ComputePlace Compute);

/// <summary><c>dylora distil</c>.</summary>
internal static class DistilCommand
{
    private const string RecordFile = "distillation.json";

    /// <summary>The verb with its options.</summary>
    public static Verb Create()
    {
        var teacher = OptionOf.Text("--teacher", "DIR", "The backbone to learn from.", required: true);
        var student = OptionOf.Text("--student", "DIR", "The backbone that learns, of any size, with the same tokenizer; the folder stays as it is.", required: true);
        var output = OptionOf.Text("--out", "DIR", "The folder to write; must not exist.", required: true);
        var noise = OptionOf.Number("--noise", "SCALE", "Noise in what growth added to the student before it learns, as a share of each weight's own spread; only for one that grew from the teacher.", 0, 10);
        var teaching = new TeachingOptions(usualSteps: 500);
        var type = StoredType.Option("the student's own");
        var run = new RunOptions("OUT.unfinished");
        var json = SharedOptions.Json();
        var compute = new ComputeOptions();
        return new Verb("distil", "Teach one backbone what another computes: a grown one after noise, or a smaller copy.")
        {
            Details = "The student minimises KL(teacher || student) on texts that are no training data: those that the teacher makes up, or random tokens; or on --data. With --data-share "
                + "its own tokens take over from the teacher. The judge is held-out text of --data, or what the teacher makes up. The folder appears whole or not at all. "
                + "Ctrl-C and SIGTERM write a checkpoint and end with 130 and 143; the same command goes on from there.",
            Examples =
            [
                "dylora distil --teacher models/dylora-tiny --student models/half --out models/half-taught --data notes.txt --steps 500",
                "dylora distil --teacher models/dylora-tiny --student models/larger --noise 0.1 --data notes.txt --data-share 0..1 --out models/larger-taught",
            ],
        }.With([teacher, student, output, noise, .. teaching.All, type, .. run.All, json, .. compute.Place]).Runs(parsed =>
        {
            var (from, to, target) = (parsed.GetValue(teacher)!, parsed.GetValue(student)!, parsed.GetValue(output)!);
            ModelFolder.Check(from);
            ModelFolder.Check(to);
            RequireSameVocabulary(from, to);
            AtomicFolder.RefuseExisting(target);
            var choice = teaching.Of(parsed, ModelConfigFile.Read(from), ModelConfigFile.Read(to));
            (double, GrowthPlan)? added = parsed.GetValue(noise) is { } scale and > 0 ? (scale, GrownNoise.PlanOf(to, from)) : null;
            return Run(new DistilOptions(
                from, to, target, added, choice, run.Of(parsed, CopyRun.WorkFolder(target)), parsed.GetValue(type), parsed.GetValue(json), compute.Apply(parsed, model: null)));
        });
    }

    private static void RequireSameVocabulary(string teacher, string student)
    {
        if (CompanionFiles.VocabularyDifference(teacher, student) is { } file)
        {
            throw new UsageException($"{teacher} and {student} read text differently: {file} is not the same. A student needs its teacher's tokenizer.");
        }

        var (taught, known) = (ModelConfigFile.Read(teacher).VocabularySize, ModelConfigFile.Read(student).VocabularySize);
        if (known < taught)
        {
            throw new UsageException($"The student knows {known} tokens, expected at least the teacher's {taught}.");
        }
    }

    private static int Run(DistilOptions options)
    {
        using var held = options.Run.Hold();
        using var teacher = ModelFolder.Load(options.Teacher, device: options.Compute.Device);
        using var student = ModelFolder.Load(options.Student, device: options.Compute.Device);
        var type = options.StoredType ?? student.Config.StoredType;
        var texts = CopyRun.Prepare(options.Teaching, options.Teacher, teacher, options.Out);
        var table = new CopyTable(teacher, texts.HeldOut);
        table.Add("teacher", teacher);
        table.Add("student", student);
        if (options.Noise is { } noise)
        {
            GrowthNoise.Add(student, noise.Plan, noise.Scale, options.Teaching.Training.Seed);
            table.Add("with noise", student);
        }

        var run = new CopyRun(options.Out);
        run.Teach(student, teacher, texts, options.Teaching, options.Run, report =>
        {
            CopyRun.Round(student, type);
            table.Add("distilled", student);
            run.Publish(student, type, options.Student, RecordFile, Record(options, table, report), options.Run.LogFile);
            Print(options, table, report, texts.IsReal, type);
        });
        return ExitCode.Done;
    }

    private static JsonObject Record(DistilOptions options, CopyTable table, TrainingReport report) => new()
    {
        ["teacher"] = BackboneDigest.Of(options.Teacher),
        ["student"] = BackboneDigest.Of(options.Student),
        ["noise"] = options.Noise?.Scale,
        ["data_tokens"] = DataTokens(options.Teaching),
        ["measures"] = table.ToJson(),
        ["training"] = JsonNode.Parse(JsonText.Of(report)),
    };

    private static long DataTokens(TeachingChoice choice) => choice.Handover.DataBefore(choice.Handover.Batches) * choice.Training.Rows * choice.Training.Context;

    private static void Print(DistilOptions options, CopyTable table, TrainingReport report, bool isReal, ScalarType type) => table.Begin(Console.Out, options.Json, isReal)
        .Add("steps", report.Steps)
        .Add("tokens", report.Tokens, Report.Count(report.Tokens))
        .Add("data_tokens", DataTokens(options.Teaching), Report.Count(DataTokens(options.Teaching)))
        .Add("tokens_per_second", Math.Round(report.TokensPerSecond), Report.Count((long)report.TokensPerSecond))
        .Add("stored_as", ScalarTypeName.Of(type))
        .Add("backbone", options.Out)
        .WriteTo(Console.Out, options.Json);
}
