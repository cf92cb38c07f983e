namespace DyLoraMoe.Core.Data.Reading;

/// <summary>How samples lie in a file.</summary>
public enum DatasetFormat
{
    /// <summary>By the file's name: .jsonl, .ndjson, .json, .csv, .tsv, .txt, .md, each also with .gz. A .json that begins with a brace is taken as JSON lines.</summary>
    Auto,

    /// <summary>One JSON object per line.</summary>
    JsonLines,

    /// <summary>One JSON array of objects.</summary>
    JsonArray,

    /// <summary>RFC 4180 with a header row and commas.</summary>
    Csv,

    /// <summary>As <see cref="Csv"/>, with tabs.</summary>
    Tsv,

    /// <summary>Text without fields.</summary>
    PlainText,
}
