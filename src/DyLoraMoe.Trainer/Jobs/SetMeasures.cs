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
    private const string BestFile = "best.json";

    /// <summary>A skill's losses.</summary>
    /// <param name="set">The set's digest; null for the bare backbone.</param>
    /// <param name="skill">The skill.</param>
    public SkillResult Of(string? set, SkillInput skill)
    {
        var document = set is null ? null : session.Workspace.SetOf(set).Document;
        var from = From("losses 2", set, skill);
        if (context.Derived.Find(DerivedKind.Results, from) is { } folder)
        {
            return new SkillResult(skill.Name, JsonText.Parse<List<SampleLoss>>(JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, FileName))).RootElement));
        }

        context.Say($"measuring {skill.Name} with {(set is null ? "the bare backbone" : document!.Experts.Count + " experts")}");
        var result = session.Measure(set, skill.Name, session.Data([skill.Dataset]), context.Stop);
        context.Derived.Publish(DerivedKind.Results, from, target => AtomicFile.WriteText(Path.Combine(target, FileName), JsonText.Of(result.Losses)));
        return result;
    }

    /// <summary>What a skill is held to while a set serves: the least loss with which it was served up to then, in nats per token; null for the bare backbone.</summary>
    /// <param name="set">The set's digest; null for the bare backbone.</param>
    /// <param name="skill">The skill.</param>
    public double? HeldTo(string? set, SkillInput skill)
    {
        if (set is null)
        {
            return null;
        }

        var own = new EvaluationReport(Of(set, skill).Losses).Loss;
        return context.Derived.Find(DerivedKind.Results, From("best 1", set, skill)) is { } folder
            ? session.Policy.Regression.Binding(JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, BestFile))).RootElement.GetDouble(), own)
            : own;
    }

    /// <summary>Has a set that may serve remember how well a skill was served before it.</summary>
    /// <param name="set">The set's digest.</param>
    /// <param name="skill">The skill.</param>
    /// <param name="best">The least loss so far, in nats per token.</param>
    public void Remember(string set, SkillInput skill, double best) =>
        context.Derived.Publish(DerivedKind.Results, From("best 1", set, skill), target => AtomicFile.WriteText(Path.Combine(target, BestFile), JsonText.Of(best)));

    private DerivedFrom From(string what, string? set, SkillInput skill)
    {
        var policy = session.Policy.Data with { HeldOutPercent = session.Workspace.HeldOutPercents[skill.Dataset] };
        var document = set is null ? null : session.Workspace.SetOf(set).Document;
        return context.DerivedFrom(
            $"{what}; {context.Backbone.Digest}; {session.Policy.Experts.Training.Backbone}; {skill.Dataset}; {JsonText.Line(policy)}; {set}",
            document is null ? [skill.Dataset] : [skill.Dataset, document.Router, .. document.Experts.Select(expert => expert.Digest)]);
    }
}
