namespace DyLoraMoe.Core.Data.Reading;

/// <summary>What a document is in a plain text file.</summary>
public enum TextSplit
{
    /// <summary>The whole file.</summary>
    File,

    /// <summary>What lies between blank lines.</summary>
    BlankLines,

    /// <summary>A line that is not blank.</summary>
    Lines,

    /// <summary>What lies between occurrences of <see cref="DatasetOptions.Separator"/>.</summary>
    Separator,
}
