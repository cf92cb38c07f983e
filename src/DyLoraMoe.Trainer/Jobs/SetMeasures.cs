using System.Text.Json;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Artifacts;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Safetensors;
using DyLoraMoe.Trainer.CommandLine;
using DyLoraMoe.Trainer.Workspaces;

namespace DyLoraMoe.Trainer.Jobs;

/// <summary>Held-out losses of skills as sets serve them, measured once and kept: what is active now was a candidate before.</summary>
internal sealed class SetMeasures(JobContext context, WorkspaceSession session)
{
    private const string FileName = "losses.json";

    /// <summary>A skill's losses.</summary>
    /// <param name="set">The set's digest; null for the bare backbone.</param>
    /// <param name="skill">The skill.</param>
    public SkillResult Of(string? set, SkillInput skill)
    {
        var policy = session.Policy.Data with { HeldOutPercent = session.Workspace.HeldOutPercents[skill.Dataset] };
        var document = set is null ? null : session.Workspace.SetOf(set).Document;
        var from = context.DerivedFrom(
            $"losses 2; {context.Backbone.Digest}; {session.Policy.Experts.Training.Backbone}; {skill.Dataset}; {JsonText.Line(policy)}; {set}",
            document is null ? [skill.Dataset] : [skill.Dataset, document.Router, .. document.Experts.Select(expert => expert.Digest)]);
        if (context.Derived.Find(DerivedKind.Results, from) is { } folder)
        {
            return new SkillResult(skill.Name, JsonText.Parse<List<SampleLoss>>(JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, FileName))).RootElement));
        }

        context.Say($"measuring {skill.Name} with {(set is null ? "the bare backbone" : document!.Experts.Count + " experts")}");
        var result = session.Measure(set, skill.Name, session.Data([skill.Dataset]), context.Stop);
        context.Derived.Publish(DerivedKind.Results, from, target => AtomicFile.WriteText(Path.Combine(target, FileName), JsonText.Of(result.Losses)));
        return result;
    }
}
