using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Data.Diversity;
using DyLoraMoe.Core.Features;
using DyLoraMoe.Core.Tokenization;
using DyLoraMoe.Trainer.CommandLine;
using static TorchSharp.torch;

namespace DyLoraMoe.Trainer.Workspaces;

/// <summary>What is said of data before anything is learnt from them, and what is left out of them on request.</summary>
internal static class DataDiversity
{
    /// <summary>Measures how diverse data are, and says so with a warning for each figure that is low.</summary>
    /// <param name="samples">What is learnt from.</param>
    /// <param name="describe">Features of N prompts, (N, F) on the CPU.</param>
    /// <param name="say">Told the figures and the warnings.</param>
    /// <param name="cancellation">Stops while near duplicates are looked for.</param>
    public static DiversityReport Of(IReadOnlyList<TokenizedSample> samples, Func<IReadOnlyList<int[]>, Tensor> describe, Action<string> say, CancellationToken cancellation = default)
    {
        var report = DiversityGauge.Of(samples, describe, cancellation);
        say(report.ToString());
        foreach (var warning in report.Warnings)
        {
            say($"warning: {warning}");
        }

        return report;
    }

    /// <summary>Samples without those that nearly repeat an earlier one.</summary>
    /// <param name="samples">The samples.</param>
    /// <param name="tokenizer">The backbone's tokenizer.</param>
    /// <param name="say">Told how many went.</param>
    /// <param name="cancellation">Stops between two samples.</param>
    public static IReadOnlyList<Sample> WithoutDuplicates(IReadOnlyList<Sample> samples, TextTokenizer tokenizer, Action<string> say, CancellationToken cancellation = default)
    {
        var report = NearDuplicates.Find(samples, new TextTokenSource(tokenizer), cancellation: cancellation);
        say($"near duplicates: {report.Removed.Count} of {report.Sequences} samples are left out; {report.Groups.Count} groups keep one each");
        return report.Keep(samples);
    }

    /// <summary>Adds the figures to what a command prints.</summary>
    /// <param name="report">The command's report.</param>
    /// <param name="diversity">The figures; nothing is added when null.</param>
    public static Report AddDiversity(this Report report, DiversityReport? diversity) => diversity is null ? report : report
        .Add("near_duplicates", Math.Round(diversity.NearDuplicates, 4), FormattableString.Invariant($"{100 * diversity.NearDuplicates:0.0} %"))
        .Add("distinct_1", Math.Round(diversity.Distinct1, 4))
        .Add("distinct_2", Math.Round(diversity.Distinct2, 4))
        .Add("distinct_3", Math.Round(diversity.Distinct3, 4))
        .Add("coverage", Math.Round(diversity.Coverage, 2), FormattableString.Invariant($"{diversity.Coverage:0.00} of {diversity.Measured} prompts"))
        .Add("diversity_warnings", diversity.Warnings);
}
