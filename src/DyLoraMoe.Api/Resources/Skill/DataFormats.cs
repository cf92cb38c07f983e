namespace DyLoraMoe.Api.Resources;

/// <summary>How samples lie in a text.</summary>
public static class DataFormats
{
    /// <summary>By the names of files and by how the text begins.</summary>
    public const string Auto = "Auto";

    /// <summary>One JSON object per line.</summary>
    public const string JsonLines = "JsonLines";

    /// <summary>One JSON array of objects.</summary>
    public const string Json = "Json";

    /// <summary>Comma-separated values with a header row.</summary>
    public const string Csv = "Csv";

    /// <summary>Text without fields.</summary>
    public const string Text = "Text";
}
