namespace DyLoraMoe.Core.Novelty;

/// <summary>A skill in the library.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Datasets">The data it was learnt from, oldest first.</param>
/// <param name="Expert">The expert that owns it; null while none does.</param>
/// <param name="Evidence">What that expert gains on held-out samples; null while it was not measured.</param>
public sealed record KnownSkill(string Name, IReadOnlyList<KnownDataset> Datasets, string? Expert, ExpertEvidence? Evidence)
{
    /// <summary>Training samples that the library has of it; <see cref="SkillLibrary.Chosen"/> says which of them count.</summary>
    public int TrainingSamples => Datasets.Sum(dataset => dataset.TrainingSamples);

    /// <summary>Held-out samples that the library has of it; <see cref="SkillLibrary.Chosen"/> says which of them count.</summary>
    public int HeldOutSamples => Datasets.Sum(dataset => dataset.HeldOutSamples);
}

/// <summary>A dataset that the library has described.</summary>
/// <param name="Digest">The dataset's digest.</param>
/// <param name="TrainingSamples">How many of its training samples are kept.</param>
/// <param name="HeldOutSamples">How many of its held-out samples are kept.</param>
/// <param name="FileDigest">SHA-256 of the file with their descriptions, in hexadecimal.</param>
/// <param name="Frame">What its prompts share; null in libraries of earlier versions until the dataset is added again.</param>
public sealed record KnownDataset(string Digest, int TrainingSamples, int HeldOutSamples, string FileDigest, PromptFrame? Frame = null);

/// <summary>Which samples of a skill.</summary>
public enum SkillPart
{
    /// <summary>Those it was learnt from; means and covariances are fitted on them.</summary>
    Training,

    /// <summary>Those kept aside; p-values are calibrated on them.</summary>
    HeldOut,
}
