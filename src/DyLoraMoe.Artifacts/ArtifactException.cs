namespace DyLoraMoe.Artifacts;

/// <summary>An artifact is missing or is not what its digest says. The message names it.</summary>
public sealed class ArtifactException : Exception
{
    /// <summary>Creates the error.</summary>
    /// <param name="message">Which artifact, what was expected, what was found.</param>
    /// <param name="innerException">What went wrong underneath, if anything.</param>
    public ArtifactException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
