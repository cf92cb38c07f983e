using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Evaluation;

namespace DyLoraMoe.Core.Novelty;

/// <summary>How well the backbone and the experts predict samples. The detector asks the nearest few experts only.</summary>
public interface IExpertLosses
{
    /// <summary>Losses of the bare backbone, sample by sample.</summary>
    /// <param name="samples">The samples.</param>
    IReadOnlyList<SampleLoss> Backbone(IReadOnlyList<TokenizedSample> samples);

    /// <summary>Losses with an expert, sample by sample, or null when there is no such expert any more.</summary>
    /// <param name="expert">The expert's name.</param>
    /// <param name="samples">The samples.</param>
    IReadOnlyList<SampleLoss>? Of(string expert, IReadOnlyList<TokenizedSample> samples);
}
