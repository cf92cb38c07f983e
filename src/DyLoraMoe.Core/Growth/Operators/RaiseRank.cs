using DyLoraMoe.Core.Models;

namespace DyLoraMoe.Core.Growth.Operators;

/// <summary>
/// A higher rank for the experts that are carried along: <c>A</c> gets random rows, <c>B</c> zero columns and the scale stays. The backbone
/// itself does not change.
/// </summary>
/// <param name="To">Rank afterwards, at least that of the widest layer.</param>
public sealed record RaiseRank(int To) : IGrowthOperator
{
    /// <inheritdoc/>
    public GrowthStep Plan(ModelConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        if (To is < 1 or > 4096)
        {
            throw new GrowthRefusedException($"found rank {To}, expected 1 to 4096");
        }

        return new GrowthStep { Description = $"experts' rank -> {To}", Before = config, After = config, AdapterRank = To };
    }
}
