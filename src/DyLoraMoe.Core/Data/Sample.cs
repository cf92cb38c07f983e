namespace DyLoraMoe.Core.Data;

/// <summary>One thing to learn from: a prompt or a conversation with its answer, or a plain text that has neither.</summary>
public sealed record Sample
{
    private Sample(string prompt, string answer, bool isPlainText, Conversation? conversation = null)
    {
        Prompt = prompt;
        Answer = answer;
        IsPlainText = isPlainText;
        Conversation = conversation;
    }

    /// <summary>What the model is given, or what a conversation says before the answer; empty for plain text.</summary>
    public string Prompt { get; }

    /// <summary>The conversation that is answered, which the model is given as its chat template writes it; null for pairs and plain texts.</summary>
    public Conversation? Conversation { get; }

    /// <summary>What the model should say; for plain text, all of it.</summary>
    public string Answer { get; }

    /// <summary>True when there is no prompt by nature, so that training draws a split point.</summary>
    public bool IsPlainText { get; }

    /// <summary>Prompt and answer, one after the other; what the model sees of a pair or a plain text.</summary>
    public string Text => Prompt + Answer;

    /// <summary>What is asked: the prompt, or the last message of a conversation.</summary>
    public string Question => Conversation is { } chat ? chat.Messages[^1].Content : Prompt;

    /// <summary>Another question in the place of this one's, behind the same messages in a conversation, with its answer.</summary>
    /// <param name="question">The question.</param>
    /// <param name="answer">Its answer; empty where it is not known yet.</param>
    public Sample Asking(string question, string answer) => Conversation is { } chat
        ? Chat(new Conversation([.. chat.Messages.SkipLast(1), chat.Messages[^1] with { Content = question }]), answer)
        : Pair(question, answer);

    /// <summary>A prompt and its answer.</summary>
    public static Sample Pair(string prompt, string answer)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(answer);
        return new Sample(prompt, answer, isPlainText: false);
    }

    /// <summary>A conversation and the assistant's answer to it.</summary>
    public static Sample Chat(Conversation conversation, string answer)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        ArgumentNullException.ThrowIfNull(answer);
        return new Sample(conversation.Text, answer, isPlainText: false, conversation);
    }

    /// <summary>A text without prompt.</summary>
    public static Sample PlainText(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new Sample(string.Empty, text, isPlainText: true);
    }
}
