namespace DyLoraMoe.Core.Tokenization.Chat.Templates;

/// <summary>A template met something while it ran that it cannot go on from.</summary>
internal sealed class TemplateError : Exception
{
    public TemplateError(string message)
        : base(message)
    {
    }

    /// <summary>The template itself refuses the conversation; its text is for whoever sent that.</summary>
    public bool IsRaised { get; private init; }

    public static TemplateError Raised(string message) => new(message) { IsRaised = true };

    public static TemplateError TooLarge(string what, long most) => new($"{what} is larger than {most}, the most that a template may make.");
}
