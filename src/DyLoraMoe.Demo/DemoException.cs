namespace DyLoraMoe.Demo;

/// <summary>What ends the demonstration before its end, in words for the person who watches it.</summary>
internal sealed class DemoException : Exception
{
    /// <summary>An end.</summary>
    /// <param name="message">What was expected, what was found, and where more is to be read.</param>
    public DemoException(string message)
        : base(message)
    {
    }
}
