namespace KubeOps.Transpiler.Exceptions;

/// <summary>A class cannot be written as a definition.</summary>
public sealed class TranspilationFailedException : Exception
{
    /// <summary>Without a message.</summary>
    public TranspilationFailedException()
    {
    }

    /// <summary>With a message.</summary>
    /// <param name="message">What is wrong with the class.</param>
    public TranspilationFailedException(string? message)
        : base(message)
    {
    }

    /// <summary>With a message and a cause.</summary>
    /// <param name="message">What is wrong with the class.</param>
    /// <param name="innerException">The cause.</param>
    public TranspilationFailedException(string? message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
