using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Artifacts;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Lifecycle;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Safetensors;
using DyLoraMoe.Trainer.Workspaces;

namespace DyLoraMoe.Trainer.Jobs;

/// <summary>Takes in an adapter in PEFT layout: checks it against the backbone, measures it where there are data, publishes it.</summary>
internal sealed class ImportJob : IJob
{
    private const string ConfigFile = "adapter_config.json";

    /// <inheritdoc/>
    public JobResult Run(JobContext context)
    {
        var input = context.Request.Import ?? throw new InvalidInputException(Reasons.InvalidInput, "The request is of kind Import and has no part import.");
        var folder = context.Arguments.RequiredData(JobKind.Import);
        if (!File.Exists(Path.Combine(folder, ConfigFile)))
        {
            throw new InvalidInputException(Reasons.AdapterInvalid, $"There is no {ConfigFile} where the adapter should be; expected a folder in PEFT layout.");
        }

        var phase = $"import {ArtifactDigest.OfFolder(folder, IsOfAdapter)}";
        var result = context.Journal.DoResult(phase, () => Import(context, input, folder));
        if (!context.Store.Renew(ArtifactKind.Expert, result.Train!.Expert))
        {
            context.Journal.Forget(phase);
            result = context.Journal.DoResult(phase, () => Import(context, input, folder));
        }

        return result;
    }

    private static JobResult Import(JobContext context, ImportInput input, string folder)
    {
        using var session = context.Open([], new Dictionary<string, ExpertCardOf>(), null);
        using var adapter = Load(session, folder);
        var evidence = session.Evidence(adapter, input.Skills.Select(skill => (skill.Name, session.Data([skill.Dataset]))), context.Stop);
        var loss = evidence.Count == 0 ? 0 : evidence.Values.Sum(skill => skill.Expert.Sum()) / evidence.Values.Sum(skill => skill.Tokens.Sum());
        var maturity = session.Policy.Maturity;
        var card = new ExpertCard
        {
            Name = input.Expert,
            Version = input.Version,
            Backbone = context.Backbone.Digest,
            Mode = adapter.Config.Mode,
            Rank = adapter.Config.Rank,
            ShapeReason = "imported as it is",
            IsImported = true,

            // It is finished: nothing here will train it, so its curve is flat and the samples it has seen are enough. Gain and routing judge it.
            Curve = [.. Enumerable.Range(0, maturity.FlatEvaluations).Select(point => new LossPoint(point, loss))],
            SamplesSeen = maturity.SamplesNeeded,
            Skills = new SortedDictionary<string, CardSkill>(
                input.Skills.ToDictionary(skill => skill.Name, skill => new CardSkill(skill.Dataset, skill.HeldOutPercent, evidence[skill.Name])), StringComparer.Ordinal),
        };
        var digest = ExpertPublication.Publish(context, adapter, card);
        return ExpertPublication.Result(JobKind.Import, digest, card, adapter) with
        {
            Train = ExpertPublication.Figures(digest, card, adapter) with { HeldOut = evidence.Values.Sum(skill => skill.Tokens.Count), Samples = 0 },
        };
    }

    private static LoraAdapter Load(WorkspaceSession session, string folder)
    {
        try
        {
            return PeftFolder.Load(folder, session.Model);
        }
        catch (Exception error) when (error is ModelFormatException or SafetensorsException)
        {
            throw new InvalidInputException(Reasons.AdapterInvalid, error.Message.Replace(Path.GetFullPath(folder) + Path.DirectorySeparatorChar, "", StringComparison.Ordinal), error);
        }
    }

    private static bool IsOfAdapter(string name) => name == ConfigFile || name.EndsWith(".safetensors", StringComparison.Ordinal);
}
