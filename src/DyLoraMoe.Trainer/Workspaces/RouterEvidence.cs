using System.Text.Json;
using DyLoraMoe.Artifacts;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Safetensors;
using DyLoraMoe.Trainer.CommandLine;

namespace DyLoraMoe.Trainer.Workspaces;

/// <summary><c>cross-fit.json</c> beside a router: what its set does to training samples of older skills of which the few held-out ones tell too little, each routed by routers that had not seen it.</summary>
/// <param name="Active">The set that served when it was fitted; compared with any other, the evidence says nothing.</param>
/// <param name="Experts">Digests of the set's experts by name.</param>
/// <param name="Skills">Losses with both, by skill.</param>
internal sealed record RouterEvidence(string Active, IReadOnlyDictionary<string, string> Experts, IReadOnlyDictionary<string, PairedLosses> Skills)
{
    private const string FileName = "cross-fit.json";

    /// <summary>Writes it.</summary>
    /// <param name="folder">The router's folder.</param>
    public void Write(string folder) => AtomicFile.WriteText(Path.Combine(folder, FileName), JsonText.Of(this));

    /// <summary>The evidence that a set's router carries about the step from the active set to it; null where there is none.</summary>
    /// <param name="workspace">The workspace.</param>
    /// <param name="set">The set's digest; null for the bare backbone.</param>
    public static RouterEvidence? Find(Workspace workspace, string? set)
    {
        if (set is null || workspace.State.ActiveSet is not { } active)
        {
            return null;
        }

        var document = workspace.SetOf(set).Document;
        var file = Path.Combine(workspace.Store.Open(ArtifactKind.Router, document.Router), FileName);
        if (!File.Exists(file))
        {
            return null;
        }

        var found = JsonText.Parse<RouterEvidence>(JsonDocument.Parse(File.ReadAllText(file)).RootElement);
        return found.Active == active && found.Experts.OrderBy(pair => pair.Key, StringComparer.Ordinal).SequenceEqual(document.Digests) ? found : null;
    }

    /// <summary>Compares two sets; where held-out samples are too few to tell, by what is known of training samples as well.</summary>
    /// <param name="active">Held-out results of what is served now.</param>
    /// <param name="candidate">Those of the candidate.</param>
    /// <param name="budget">What is allowed.</param>
    /// <param name="more">The candidate's evidence; null for none.</param>
    /// <param name="best">The loss that a skill is held to, in nats per token; null where that is not known.</param>
    /// <param name="isLearnt">Which skills the candidate has just learnt; none when null.</param>
    public static RegressionReport Compare(
        IReadOnlyList<SkillResult> active, IReadOnlyList<SkillResult> candidate, RegressionBudget budget, RouterEvidence? more, Func<string, double?> best, Func<string, bool>? isLearnt = null)
    {
        var report = Compare(active, candidate, budget, more, isLearnt);
        var worse = report.Rows.Where(row => row.Verdict == RegressionVerdict.Worse).Select(row => row.Skill).ToHashSet(StringComparer.Ordinal);
        return new RegressionReport([.. report.Rows, .. RegressionCheck.BeyondBest(candidate, skill => worse.Contains(skill) ? null : best(skill), budget)]);
    }

    private static RegressionReport Compare(IReadOnlyList<SkillResult> active, IReadOnlyList<SkillResult> candidate, RegressionBudget budget, RouterEvidence? more, Func<string, bool>? isLearnt)
    {
        var report = RegressionCheck.Compare(active, candidate, budget, isLearnt);
        if (more is null)
        {
            return report;
        }

        var unproven = report.Unproven.Where(more.Skills.ContainsKey).ToHashSet(StringComparer.Ordinal);
        return unproven.Count == 0 ? report : RegressionCheck.Compare(
            [.. active.Select(result => With(result, losses => losses.Active))], [.. candidate.Select(result => With(result, losses => losses.Candidate))], budget, isLearnt);

        SkillResult With(SkillResult result, Func<PairedLosses, IReadOnlyList<SampleLoss>> side) =>
            unproven.Contains(result.Skill) ? result with { Losses = [.. result.Losses, .. side(more.Skills[result.Skill])] } : result;
    }
}

/// <summary>Losses of the same samples with two sets.</summary>
/// <param name="Active">With what serves.</param>
/// <param name="Candidate">With what may replace it.</param>
internal sealed record PairedLosses(IReadOnlyList<SampleLoss> Active, IReadOnlyList<SampleLoss> Candidate);
