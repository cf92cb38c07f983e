namespace DyLoraMoe.Core.Data.Reading;

/// <summary>Something in a data file that is not as it has to be: where, what was expected, what was found.</summary>
public sealed class DatasetException : Exception
{
    private const int LongestFound = 120;

    /// <summary>An error at a line of a file.</summary>
    /// <param name="file">The file, as it was named.</param>
    /// <param name="line">Line, from 1; 0 for the file as a whole.</param>
    /// <param name="expected">What should be there.</param>
    /// <param name="found">What is there instead; shortened when long.</param>
    /// <param name="inner">What reported it, if anything did.</param>
    public DatasetException(string file, long line, string expected, string found, Exception? inner = null)
        : base($"{file}{(line > 0 ? $":{line}" : string.Empty)}: expected {expected}, found {Shorten(found)}.", inner)
    {
        File = file;
        Line = line;
    }

    /// <summary>The file, as it was named.</summary>
    public string File { get; }

    /// <summary>Line, from 1; 0 for the file as a whole.</summary>
    public long Line { get; }

    private static string Shorten(string found) => found.Length <= LongestFound ? found : $"{found.AsSpan(0, LongestFound)}...";
}
