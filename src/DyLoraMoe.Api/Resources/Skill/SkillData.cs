using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>Samples, and how to read them.</summary>
[ValidationRule("(has(self.inline) ? 1 : 0) + (has(self.configMapRef) ? 1 : 0) + (has(self.persistentVolumeClaim) ? 1 : 0) + (has(self.s3) ? 1 : 0) == 1", message: "must have exactly one of inline, configMapRef, persistentVolumeClaim and s3")]
[ValidationRule("self.format != 'Text' || (!has(self.inputField) && !has(self.outputField))", message: "format Text has no fields: leave inputField and outputField out")]
[ValidationRule("self.format != 'Text' || !self.chat", message: "format Text has no prompts: leave chat out")]
[ValidationRule("has(self.inputField) == has(self.outputField)", message: "inputField and outputField must be set together, or both be left out")]
public sealed record SkillData
{
    /// <summary>The samples themselves: JSON lines, a JSON array, CSV or plain text. kubectl applies more than about 250 KB only with --server-side.</summary>
    [Length(1, Bounds.InlineLength)]
    [ValidationRule("bytes(self).size() <= 921600", message: "must have at most 921600 bytes in UTF-8: the text goes into a ConfigMap")]
    public string? Inline { get; set; }

    /// <summary>A key of a ConfigMap.</summary>
    public KeyReference? ConfigMapRef { get; set; }

    /// <summary>A file, or a folder of files, on a persistent volume.</summary>
    public ClaimSource? PersistentVolumeClaim { get; set; }

    /// <summary>Objects in an S3 bucket.</summary>
    public S3Source? S3 { get; set; }

    /// <summary>How samples lie in the text. Auto goes by the names of files and by how the text begins.</summary>
    [EnumValues(DataFormats.Auto, DataFormats.JsonLines, DataFormats.Json, DataFormats.Csv, DataFormats.Text)]
    [DefaultValue(DataFormats.Auto)]
    public string Format { get; set; } = DataFormats.Auto;

    /// <summary>Field that holds the prompt, which is taken as it is. When both fields are left out they are found by usual names: prompt (taken as it is), instruction, question or input (which end their line) with completion, answer, output, response, code or target; or messages, a chat that ends with the assistant's answer.</summary>
    [Length(1, 128)]
    [Pattern(Patterns.FieldName)]
    public string? InputField { get; set; }

    /// <summary>Field that holds the answer. Found by usual names when both fields are left out.</summary>
    [Length(1, 128)]
    [Pattern(Patterns.FieldName)]
    public string? OutputField { get; set; }

    /// <summary>Takes prompt and answer for a turn of the user and the assistant's, written by the model's chat template as /v1/chat/completions writes them. Without it a prompt is learnt as it is, for /v1/completions. Samples with messages are chats anyway.</summary>
    [DefaultValue(false)]
    public bool Chat { get; set; }

    /// <summary>Leaves out samples that nearly repeat an earlier one, before any are held out: four fifths or more of the groups of five tokens are in both.</summary>
    [DefaultValue(false)]
    public bool DropDuplicates { get; set; }

    /// <summary>Any text. Change it to have data on a volume or in a bucket read again.</summary>
    [Length(0, 128)]
    public string? Version { get; set; }
}
