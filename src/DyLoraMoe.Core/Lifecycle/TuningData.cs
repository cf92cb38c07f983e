using DyLoraMoe.Core.Data;

namespace DyLoraMoe.Core.Lifecycle;

/// <summary>
/// What a search may look at: training and validation samples. It is made from all samples and a split, and the test part is
/// dropped on the way in, so no setting can be chosen by it.
/// </summary>
public sealed class TuningData
{
    private TuningData(IReadOnlyList<Sample> train, IReadOnlyList<Sample> validation) => (Train, Validation) = (train, validation);

    /// <summary>Samples to train on.</summary>
    public IReadOnlyList<Sample> Train { get; }

    /// <summary>Samples to score on.</summary>
    public IReadOnlyList<Sample> Validation { get; }

    /// <summary>A name for the data, by content.</summary>
    public string Digest => DatasetDigest.Of(Train) + "+" + DatasetDigest.Of(Validation);

    /// <summary>The training and held-out parts of <paramref name="samples"/>.</summary>
    /// <param name="samples">All samples of a skill.</param>
    /// <param name="split">Tells the parts apart.</param>
    /// <param name="keep">What is kept of the held-out part to score on; all of it when null.</param>
    /// <exception cref="ArgumentException">One of the two parts is empty.</exception>
    public static TuningData From(IEnumerable<Sample> samples, HeldOutSplit split, Func<IReadOnlyList<Sample>, IReadOnlyList<Sample>>? keep = null)
    {
        ArgumentNullException.ThrowIfNull(samples);
        ArgumentNullException.ThrowIfNull(split);
        var (train, heldOut, _) = split.Apply(samples);
        return train.Count > 0 && heldOut.Count > 0
            ? new TuningData(train, keep?.Invoke(heldOut) ?? heldOut)
            : throw new ArgumentException($"A search needs samples to train on and samples to score on, found {train.Count} and {heldOut.Count}; give more samples or hold out more of them.", nameof(samples));
    }
}
