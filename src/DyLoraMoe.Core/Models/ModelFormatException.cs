namespace DyLoraMoe.Core.Models;

/// <summary>A model folder or adapter folder cannot be used. The message says what was expected and what was found.</summary>
public sealed class ModelFormatException : IOException
{
    /// <summary>Creates the error.</summary>
    /// <param name="message">What was expected, what was found, and what to do.</param>
    /// <param name="inner">The cause, when there is one.</param>
    public ModelFormatException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
