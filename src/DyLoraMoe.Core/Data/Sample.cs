namespace DyLoraMoe.Core.Data;

/// <summary>One thing to learn from: a prompt with its answer, or a plain text that has neither.</summary>
public sealed record Sample
{
    private Sample(string prompt, string answer, bool isPlainText)
    {
        Prompt = prompt;
        Answer = answer;
        IsPlainText = isPlainText;
    }

    /// <summary>What the model is given; empty for plain text.</summary>
    public string Prompt { get; }

    /// <summary>What the model should say; for plain text, all of it.</summary>
    public string Answer { get; }

    /// <summary>True when there is no prompt by nature, so that training draws a split point.</summary>
    public bool IsPlainText { get; }

    /// <summary>Prompt and answer, one after the other, exactly as the model sees them.</summary>
    public string Text => Prompt + Answer;

    /// <summary>A prompt and its answer.</summary>
    public static Sample Pair(string prompt, string answer)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(answer);
        return new Sample(prompt, answer, isPlainText: false);
    }

    /// <summary>A text without prompt.</summary>
    public static Sample PlainText(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new Sample(string.Empty, text, isPlainText: true);
    }
}
