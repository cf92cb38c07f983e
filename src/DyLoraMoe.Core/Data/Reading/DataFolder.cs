namespace DyLoraMoe.Core.Data.Reading;

/// <summary>Which files of a folder are data.</summary>
public static class DataFolder
{
    private static readonly string[] AboutTheData = ["README", "LICENSE"];

    /// <summary>All files in it and below it, in order, but those that are hidden or in a hidden folder, and those that tell people about the data: README and LICENSE with any ending.</summary>
    /// <param name="path">The folder.</param>
    public static IReadOnlyList<string> Files(string path) =>
        [.. Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories)
            .Where(file => !Path.GetRelativePath(path, file).Split(Path.DirectorySeparatorChar).Any(part => part.StartsWith('.')) && !IsAboutTheData(Path.GetFileName(file)))
            .Order(StringComparer.Ordinal)];

    private static bool IsAboutTheData(string name) => AboutTheData.Any(word =>
        name.StartsWith(word, StringComparison.OrdinalIgnoreCase) && (name.Length == word.Length || !char.IsLetterOrDigit(name[word.Length])));
}
