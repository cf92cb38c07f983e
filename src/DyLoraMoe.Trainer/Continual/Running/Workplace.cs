using DyLoraMoe.Trainer.Continual.Arms;
using DyLoraMoe.Trainer.Continual.Scoring;

namespace DyLoraMoe.Trainer.Continual.Running;

/// <summary>What all work of a benchmark shares.</summary>
/// <param name="ModelFolder">The backbone.</param>
/// <param name="Scratch">A folder for what arms keep on disk while they run.</param>
/// <param name="Memo">Scores known by now.</param>
/// <param name="Progress">Who is told.</param>
/// <param name="Time">The clock, for durations only.</param>
internal sealed record Workplace(string ModelFolder, string Scratch, ScoreMemo Memo, BenchProgress Progress, TimeProvider Time);

/// <summary>An arm with the shadows that answer beside it.</summary>
/// <param name="Arm">The arm that learns.</param>
/// <param name="Shadows">Arms that answer with what it learnt.</param>
internal sealed record ArmGroup(ArmDefinition Arm, IReadOnlyList<ArmDefinition> Shadows)
{
    /// <summary>The chosen arms, each learner with its shadows.</summary>
    /// <param name="chosen">Arms to report on.</param>
    public static IReadOnlyList<ArmGroup> Of(IReadOnlyList<ArmDefinition> chosen)
    {
        var learners = chosen.Select(arm => arm.ShadowOf ?? arm.Name).Distinct(StringComparer.Ordinal);
        return [.. learners.Select(name => new ArmGroup(ArmCatalog.All.First(arm => arm.Name == name), [.. chosen.Where(arm => arm.ShadowOf == name)]))];
    }
}
