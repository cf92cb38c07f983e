namespace KubeOps.Transpiler.Exceptions;

/// <summary>A type or an attribute has no place in a structural schema.</summary>
internal sealed class InvalidSchemaException(string message, Exception? innerException = null)
    : InvalidOperationException(message, innerException);
