using System.Globalization;
using System.Text.Json.Nodes;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Artifacts;
using DyLoraMoe.Core.Compute;
using DyLoraMoe.Core.Growth;
using DyLoraMoe.Core.Growth.Experts;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Novelty;
using DyLoraMoe.Core.Safetensors;
using DyLoraMoe.Core.Tokenization;
using DyLoraMoe.Core.Training.Distillation;
using DyLoraMoe.Trainer.CommandLine;
using DyLoraMoe.Trainer.Growth;
using DyLoraMoe.Trainer.Growth.Copies;
using static TorchSharp.torch;

namespace DyLoraMoe.Trainer.Jobs;

/// <summary>Makes a larger backbone that computes the same, lets it learn from the smaller one where that is wanted, and publishes it when both gates let it through.</summary>
internal sealed class GrowJob : IJob
{
    private const string PlanPhase = "plan";

    // Of the result's room, what the sentences about operators may have.
    private const int LongestSteps = 1200;

    /// <inheritdoc/>
    public JobResult Run(JobContext context)
    {
        var input = context.Request.Grow ?? throw new InvalidInputException(Reasons.InvalidInput, "The request is of kind Grow and has no part grow.");
        try
        {
            return Trainings.Do(context, () => Grow(context, input));
        }
        catch (GrowthRefusedException refusal)
        {
            throw new InvalidInputException(Reasons.GrowthImpossible, $"The backbone cannot grow like this: {refusal.Message}.", refusal);
        }
    }

    private static JobResult Grow(JobContext context, GrowInput input)
    {
        var config = ModelConfigFile.Read(context.Backbone.Path);
        var place = ComputePlace.Of(context.Device, context.Request.Backbone.Dtype, config);
        var data = context.DataOf(context.Request.Skills, TextTokenizer.Load(context.Backbone.Path), JobPolicy.Of(context.Request, place, config).Data);
        var relearning = Relearning.Of(context, input, data, config);
        var choice = context.Journal.Do(PlanPhase, () => GrowthChoice.Of(context, input, relearning, place));
        var plan = GrowthPlan.Of(config, choice.File.ToOperators());
        foreach (var step in plan.Steps)
        {
            context.Say(step.Description);
        }

        var folder = Path.Combine(context.Work, "grown-" + Guid.NewGuid().ToString("N"));
        var written = GrownFolder.Write(context.Backbone.Path, plan, folder, new GrownFolderOptions
        {
            Seed = input.Seed,
            Device = place.Device,
            Prompts = [.. ComparedPrompts.Of(config, input.Seed)],

            // Measured there and judged here.
            Tolerance = double.PositiveInfinity,
        });
        var figures = new GrowResult
        {
            IsAccepted = false,
            Steps = Fitting(plan.Steps.Select(step => step.Description)),
            ParametersBefore = plan.ParametersBefore,
            ParametersAfter = plan.ParametersAfter,
            FunctionError = Finite(written.Measures[0].Difference / Math.Max(1, written.Measures[0].LargestLogit)),
            Pressures = choice.Pressures,
        };
        return figures.FunctionError <= input.FunctionError
            ? Judged(context, input, new Grown(plan, choice.File, folder, written.StoredType, place), relearning, figures)
            : Result(Reasons.FunctionChanged, $"The grown backbone's logits differ by {Text(figures.FunctionError)} of the largest, at most {Text(input.FunctionError)} is allowed; nothing was published.", figures);
    }

    private static JobResult Judged(JobContext context, GrowInput input, Grown grown, Relearning relearning, GrowResult figures)
    {
        using var teacher = ModelFolder.Load(context.Backbone.Path, device: grown.Place.Device);
        using var student = grown.Load(input);
        var texts = relearning.TextsOf(teacher);
        var before = Finite(DivergenceGauge.Measure(teacher, student, texts.HeldOut));
        figures = figures with { Divergence = before, DivergenceBefore = before, Judge = texts.IsReal ? "Skills" : "Samples" };
        if (!relearning.IsWanted)
        {
            return Offered(context, input, grown, (student, teacher), Reasons.NothingToRelearn, $"{Text(before)} nats per token on held-out text", figures);
        }

        var report = relearning.Run(student, teacher, texts);
        CopyRun.Round(student, grown.StoredType);
        var after = Finite(DivergenceGauge.Measure(teacher, student, texts.HeldOut));
        figures = figures with { Divergence = after, Tokens = report.Tokens, GpuSeconds = grown.Place.IsGpu ? (long)Math.Ceiling(report.TrainingSeconds) : 0 };
        if (after <= before || relearning.UsesData)
        {
            return Offered(context, input, grown, (student, teacher), Reasons.RelearningComplete, $"{Text(after)} nats per token on held-out text, {Text(before)} before it relearned", figures);
        }

        // To come closer is all that the smaller one can teach.
        using var unmoved = grown.Load(input);
        return Offered(context, input, grown, (unmoved, teacher), Reasons.NothingToRelearn, $"{Text(before)} nats per token on held-out text; relearning made that {Text(after)}, so it was not kept", figures with { Divergence = before, Tokens = 0 });
    }

    private static JobResult Offered(
        JobContext context, GrowInput input, Grown grown, (CausalLanguageModel After, CausalLanguageModel Before) models, string reason, string measured, GrowResult figures)
    {
        if (figures.Divergence > input.Divergence)
        {
            return Result(Reasons.DivergenceTooLarge, $"The grown backbone diverges by {measured}; at most {Text(input.Divergence)} is allowed; nothing was published.", figures);
        }

        var artifact = Publish(context, input, grown, models, figures);
        var folder = context.Store.Open(ArtifactKind.Backbone, artifact);
        return Result(
            reason,
            string.Create(CultureInfo.InvariantCulture, $"{figures.ParametersBefore:N0} weights became {figures.ParametersAfter:N0}; the grown backbone diverges by {measured}."),
            figures with
            {
                IsAccepted = true,
                Digest = BackboneDigest.Of(folder),
                Artifact = artifact,
                SizeBytes = new DirectoryInfo(folder).EnumerateFiles().Sum(file => file.Length),
            });
    }

    private static string Publish(JobContext context, GrowInput input, Grown grown, (CausalLanguageModel After, CausalLanguageModel Before) models, GrowResult figures)
    {
        var looked = BackboneDescriptions.Of(context.Backbone.Path);
        var isTheSame = grown.Plan.IsExact && input.Noise == 0 && figures.Tokens == 0;
        var record = GrowthRecord.Of(grown.Plan, grown.File, context.Backbone.Digest, looked, isTheSame ? Former(context, models.Before, looked) : null);
        record["artifact"] = context.Request.Backbone.Artifact;
        record["growth"] = input.Growth;
        record["noise"] = input.Noise;
        record["tokens"] = figures.Tokens;
        record["measures"] = new JsonObject
        {
            ["function_error"] = Rounded(figures.FunctionError),
            ["divergence_before"] = Rounded(figures.DivergenceBefore!.Value),
            ["divergence"] = Rounded(figures.Divergence!.Value),
            ["judge"] = figures.Judge,
        };
        return context.Store.Publish(ArtifactKind.Backbone, folder =>
        {
            ModelFolder.Save(folder, models.After, grown.StoredType);
            CompanionFiles.Copy(context.Backbone.Path, folder);
            AtomicFile.WriteText(Path.Combine(folder, GrownFolder.RecordFile), JsonText.Of(record));
        });
    }

    private static FormerDescriptions Former(JobContext context, CausalLanguageModel model, BackboneDescriptions looked)
    {
        using var describer = new SampleDescriber(model, context.Backbone.Digest, looked.Features, looked.Gradients);
        return new FormerDescriptions(context.Backbone.Digest, looked.Features.Digest, describer.Identity);
    }

    private static JobResult Result(string reason, string message, GrowResult figures) => new()
    {
        Kind = JobKind.Grow,
        Outcome = JobOutcome.Succeeded,
        Reason = reason,
        Message = message,
        Grow = figures,
    };

    // As many as a termination message holds.
    private static List<string> Fitting(IEnumerable<string> sentences)
    {
        var (steps, room) = (sentences.ToList(), LongestSteps);
        var count = steps.TakeWhile(step => (room -= step.Length) >= 0).Count();
        return count == steps.Count ? steps : [.. steps.Take(count), $"and {steps.Count - count} more"];
    }

    // JSON has no word for what is not a number; no gate lets this through.
    private static double Finite(double value) => double.IsFinite(value) ? value : 1e9;

    private static double Rounded(double value) => double.Parse(Text(value), CultureInfo.InvariantCulture);

    private static string Text(double value) => value.ToString("G3", CultureInfo.InvariantCulture);

    /// <summary>A backbone right after growth.</summary>
    /// <param name="Plan">How it grew.</param>
    /// <param name="File">The same as a plan file.</param>
    /// <param name="Folder">Where it is.</param>
    /// <param name="StoredType">Element type of its weights.</param>
    /// <param name="Place">Where to compute.</param>
    private sealed record Grown(GrowthPlan Plan, GrowthPlanFile File, string Folder, ScalarType StoredType, ComputePlace Place)
    {
        /// <summary>The weights that learn, with the noise that is asked for.</summary>
        /// <param name="input">What is asked for.</param>
        public CausalLanguageModel Load(GrowInput input)
        {
            var model = ModelFolder.Load(Folder, device: Place.Device);
            if (input.Noise > 0)
            {
                GrowthNoise.Add(model, Plan, input.Noise, input.Seed);
                CopyRun.Round(model, StoredType);
            }

            return model;
        }
    }
}
