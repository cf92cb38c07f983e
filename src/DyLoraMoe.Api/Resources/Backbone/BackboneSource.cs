using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>Where a backbone's weights are, in Hugging Face layout: config.json, the tokenizer's files and safetensors.</summary>
[ValidationRule("(has(self.persistentVolumeClaim) ? 1 : 0) + (has(self.s3) ? 1 : 0) + (has(self.builtin) ? 1 : 0) == 1", message: "must have exactly one of persistentVolumeClaim, s3 and builtin")]
[ValidationRule("has(self.persistentVolumeClaim) == has(oldSelf.persistentVolumeClaim) && has(self.s3) == has(oldSelf.s3) && has(self.builtin) == has(oldSelf.builtin)", message: "must stay of the same kind")]
public sealed record BackboneSource
{
    /// <summary>A folder on a persistent volume.</summary>
    public ClaimSource? PersistentVolumeClaim { get; set; }

    /// <summary>Objects in an S3 bucket.</summary>
    public S3Source? S3 { get; set; }

    /// <summary>A model that the runtime's image holds, such as dylora-tiny.</summary>
    [Length(1, 63)]
    [Pattern(Patterns.ResourceName)]
    [ValidationRule("self == oldSelf", message: "is immutable: another model is another Backbone")]
    public string? Builtin { get; set; }
}
