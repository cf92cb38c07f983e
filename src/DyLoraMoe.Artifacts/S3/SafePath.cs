namespace DyLoraMoe.Artifacts.S3;

/// <summary>Which names from a bucket may become paths: a bucket's keys are any text, and somebody else may write them.</summary>
internal static class SafePath
{
    /// <summary>Whether a relative path stays below the folder that it is put in.</summary>
    public static bool IsOne(string path) =>
        path.Length > 0 && !path.Contains('\\', StringComparison.Ordinal) && !path.Contains('\0', StringComparison.Ordinal)
        && path.Split('/').All(part => part is not ("" or "." or "..") && part.Length <= 255);
}
