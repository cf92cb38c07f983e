namespace DyLoraMoe.Router.Sets;

/// <summary>A set cannot be served. The message says which part and why.</summary>
internal sealed class SetException : Exception
{
    public SetException(string part, string message, Exception? innerException = null)
        : base(message, innerException) => Part = part;

    /// <summary>What is at fault: <c>set</c>, <c>backbone</c>, <c>router</c> or <c>expert NAME</c>.</summary>
    public string Part { get; }
}
