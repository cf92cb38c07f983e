namespace DyLoraMoe.Core.Safetensors;

/// <summary>A safetensors file is damaged, or not one. The message names the file and what is wrong with it.</summary>
public sealed class SafetensorsException : IOException
{
    /// <summary>Creates the error for <paramref name="path"/>.</summary>
    /// <param name="path">The file that was read.</param>
    /// <param name="problem">What was expected and what was found.</param>
    /// <param name="inner">The cause, when there is one.</param>
    public SafetensorsException(string path, string problem, Exception? inner = null)
        : base($"{path}: {problem}", inner)
    {
    }
}
