using System.Globalization;
using System.Text.Json.Nodes;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Core.Models;

namespace DyLoraMoe.Trainer.Jobs;

/// <summary>Reads every byte of the backbone, says what it is, and describes the prompts that it makes up itself, which every later job needs.</summary>
internal sealed class PrepareJob : IJob
{
    /// <inheritdoc/>
    public JobResult Run(JobContext context)
    {
        context.Identify(isTrusted: false);
        var summary = ModelSummary.Read(context.Backbone.Path);
        using (var session = context.Open([], new Dictionary<string, ExpertCardOf>(), null))
        {
            new FeatureShelf(context, session).Anchors();
        }

        var architecture = ArchitectureOf(context.Backbone.Path) ?? summary.Config.Family.ToString();
        return new JobResult
        {
            Kind = JobKind.Prepare,
            Outcome = JobOutcome.Succeeded,
            Reason = Reasons.BackbonePrepared,
            Message = string.Create(CultureInfo.InvariantCulture, $"{architecture} with {summary.Parameters:N0} weights and {summary.Config.MaxPositions} tokens of context."),
            Prepare = new PrepareResult(context.Backbone.Digest, architecture, summary.Parameters, summary.Config.MaxPositions),
        };
    }

    private static string? ArchitectureOf(string folder) =>
        (JsonNode.Parse(File.ReadAllText(Path.Combine(folder, ModelConfigFile.FileName)))?["architectures"] as JsonArray)?.FirstOrDefault() is { } first ? (string?)first : null;
}
