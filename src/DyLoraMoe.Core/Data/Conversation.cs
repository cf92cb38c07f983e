using DyLoraMoe.Core.Tokenization.Chat;

namespace DyLoraMoe.Core.Data;

/// <summary>What was said before an answer, oldest first. Two that hold the same messages are equal.</summary>
public sealed class Conversation : IEquatable<Conversation>
{
    /// <summary>A conversation of these messages.</summary>
    /// <exception cref="ArgumentException">There are none.</exception>
    public Conversation(params IReadOnlyList<ChatMessage> messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        Messages = messages.Count > 0 ? [.. messages] : throw new ArgumentException("A conversation needs at least one message.", nameof(messages));
    }

    /// <summary>The messages.</summary>
    public IReadOnlyList<ChatMessage> Messages { get; }

    /// <summary>What the messages say, a line or more each, without roles.</summary>
    public string Text => string.Join('\n', Messages.Select(message => message.Content));

    /// <summary>Who spoke, in order.</summary>
    public string Roles => string.Join(',', Messages.Select(message => message.Role));

    /// <inheritdoc/>
    public bool Equals(Conversation? other) => other is not null && Messages.SequenceEqual(other.Messages);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Conversation);

    /// <inheritdoc/>
    public override int GetHashCode() => Messages.Aggregate(17, HashCode.Combine);
}
