using DyLoraMoe.Api.Resources;

namespace DyLoraMoe.Kubectl.Why;

/// <summary>Why a night is as it is, in sentences: when it runs, and what its newest run made of each expert.</summary>
internal static class NightStory
{
    /// <summary>The lines.</summary>
    /// <param name="night">The night.</param>
    /// <param name="warnings">The end: what was recorded.</param>
    public static IEnumerable<string> Of(Consolidation night, IEnumerable<string> warnings)
    {
        var (spec, status) = (night.Spec, night.Status);
        return
        [
            .. Outline.Head($"Consolidation {night.Metadata.Name} of Backbone {spec.BackboneRef.Name}", status.Conditions, "consolidation", night.Metadata.Name),
            spec.Schedule is { } schedule ? $"It runs at {schedule}, {spec.TimeZone ?? "UTC"}{(status.NextScheduleTime is { } next ? $", the next time at {next.UtcDateTime:yyyy-MM-dd HH:mm} UTC" : "")}." : "It runs once.",
            .. status.Missed is > 0 and var missed ? [$"Times that it was due and did not run (too late, suspended, or while a run was under way): {missed}."] : Array.Empty<string>(),
            .. status.Run is { } run ? Run(run) : [],
            .. warnings,
        ];
    }

    private static IEnumerable<string> Run(ConsolidationRun run)
    {
        yield return run.CompletionTime is { } end
            ? $"Run {run.Number} ended {run.Outcome} at {end.UtcDateTime:yyyy-MM-dd HH:mm} UTC."
            : $"Run {run.Number} is under way: {run.Progress} experts are done with.";
        foreach (var expert in run.Experts)
        {
            string?[] parts =
            [
                expert is { LossBefore: { } before, Evaluation.ExpertLoss: { } after } ? $"{before} -> {after} nats per token" : null,
                expert.Dreams is { } kept ? $"{kept} dreams kept" : null,
                expert.Recalled is { } recalled ? $"{recalled} episodes known by heart" : null,
                expert is { Message: { } message, Stage: NightStages.Refused or NightStages.Failed } ? Outline.Sentence(message) : null,
            ];
            yield return $"  {expert.Name,-16} {expert.Stage,-11} {string.Join(", ", parts.OfType<string>())}".TrimEnd();
        }
    }
}
