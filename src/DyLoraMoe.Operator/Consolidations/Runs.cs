using DyLoraMoe.Api.Resources;

namespace DyLoraMoe.Operator.Consolidations;

/// <summary>What a run's experts come to: pure rules.</summary>
internal static class Runs
{
    private static readonly string[] _order = [NightStages.Admitted, NightStages.Refused, NightStages.Unchanged, NightStages.Superseded, NightStages.Failed];

    /// <summary>Experts that are done with, of all.</summary>
    public static string Progress(IList<ConsolidatedExpert> experts) => $"{experts.Count(expert => IsOver(expert.Stage))}/{experts.Count}";

    /// <summary>Whether nothing more becomes of an expert in a run.</summary>
    public static bool IsOver(string stage) => stage is not (NightStages.Pending or NightStages.Offered);

    /// <summary>How a run ended.</summary>
    public static string Outcome(IList<ConsolidatedExpert> experts) =>
        Any(experts, NightStages.Admitted) ? RunOutcomes.Admitted
        : Any(experts, NightStages.Refused) ? RunOutcomes.Refused
        : Any(experts, NightStages.Failed) ? RunOutcomes.Failed
        : RunOutcomes.Unchanged;

    /// <summary>Experts by what became of them, such as "2 Admitted, 1 Refused".</summary>
    public static string Tally(IList<ConsolidatedExpert> experts) => experts.Count == 0
        ? "no experts"
        : string.Join(", ", _order.Select(stage => (Stage: stage, Count: experts.Count(expert => expert.Stage == stage))).Where(each => each.Count > 0).Select(each => $"{each.Count} {each.Stage}"));

    /// <summary>What there is to say about experts of a stage.</summary>
    public static string Messages(IList<ConsolidatedExpert> experts, string stage) =>
        string.Join(" ", experts.Where(expert => expert.Stage == stage).Select(expert => $"{expert.Name}: {expert.Message}"));

    /// <summary>Whether any expert is at a stage.</summary>
    public static bool Any(IList<ConsolidatedExpert> experts, string stage) => experts.Any(expert => expert.Stage == stage);
}
