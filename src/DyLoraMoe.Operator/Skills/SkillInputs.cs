using System.Globalization;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Jobs;
using DyLoraMoe.Operator.Reconciling;

namespace DyLoraMoe.Operator.Skills;

/// <summary>What a skill's data are read from: pure rules.</summary>
internal static class SkillInputs
{
    /// <summary>Hash of all that decides what an assessment comes to, but for what else the backbone knows.</summary>
    /// <param name="spec">The spec.</param>
    /// <param name="fingerprint">Digest of what it refers to, when that can change by itself.</param>
    public static string HashOf(SkillSpec spec, string? fingerprint)
    {
        var data = spec.Data;
        return Hash.Of([
            data.Inline,
            data.ConfigMapRef?.Name,
            data.ConfigMapRef?.Key,
            fingerprint,
            data.PersistentVolumeClaim?.ClaimName,
            data.PersistentVolumeClaim?.Path,
            data.Format,
            data.InputField,
            data.OutputField,
            data.Version,
            spec.HeldOutPercent.ToString(CultureInfo.InvariantCulture),
            spec.Novelty.Mode,
            spec.Novelty.ExpertRef?.Name,
            .. Buckets.Identity(data.S3),

            // Only where they are asked for, so that what was assessed before there were such fields is not assessed again.
            .. data.Chat ? ["chat"] : Array.Empty<string?>(),
            .. data.DropDuplicates ? ["without duplicates"] : Array.Empty<string?>(),
        ]);
    }

    /// <summary>The name of the file that data which come from a ConfigMap are put in: readers go by it.</summary>
    public static string FileName(string format) => format switch
    {
        DataFormats.JsonLines => "data.jsonl",
        DataFormats.Json => "data.json",
        DataFormats.Csv => "data.csv",
        DataFormats.Text => "data.txt",
        _ => "data",
    };

    /// <summary>Where a job finds the data.</summary>
    public static JobData Place(Skill skill, string inputs) =>
        skill.Spec.Data.PersistentVolumeClaim is { } claim
            ? new(null, claim.ClaimName, claim.Path ?? "")
            : skill.Spec.Data.S3 is { } s3 ? new(null, null, "") { S3 = s3 }
            : new(ChildNames.Data(skill.Metadata.Name, inputs), null, FileName(skill.Spec.Data.Format));
}
