namespace DyLoraMoe.Core.Novelty;

/// <summary>A library of skills cannot be used. The message names the file, what is wrong with it and what to do.</summary>
public sealed class SkillLibraryException : IOException
{
    /// <summary>Creates the error for <paramref name="path"/>.</summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="problem">What was expected and what was found.</param>
    /// <param name="inner">The cause, when there is one.</param>
    public SkillLibraryException(string path, string problem, Exception? inner = null)
        : base($"{path}: {problem}", inner)
    {
    }
}
