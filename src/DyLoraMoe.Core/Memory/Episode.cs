using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;

namespace DyLoraMoe.Core.Memory;

/// <summary>What was asked once and what the right answer is. Whoever brings another answer to the same question replaces it.</summary>
public sealed record Episode
{
    /// <summary>Names the question of this owner and user: the same question has the same name.</summary>
    public required string Id { get; init; }

    /// <summary>Name of the API key that brought it; empty where there are no keys. Nobody else sees or uses it.</summary>
    public string Owner { get; init; } = "";

    /// <summary>Whose it is among the owner's users; null for one that all of them share.</summary>
    public string? User { get; init; }

    /// <summary>The question.</summary>
    public required string Prompt { get; init; }

    /// <summary>The right answer.</summary>
    public required string Answer { get; init; }

    /// <summary>Whether it was asked in a chat, as its user's only question, rather than as a prompt.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsChat { get; init; }

    /// <summary>How the answer is known to be right.</summary>
    public required EpisodeOrigin Origin { get; init; }

    /// <summary>Name of the answer that the verdict was about; null when it was not told.</summary>
    public string? AnswerId { get; init; }

    /// <summary>Revision of the set that served at the time, or that has described it anew since.</summary>
    public string Set { get; init; } = "";

    /// <summary>When the question came first.</summary>
    public required DateTimeOffset First { get; init; }

    /// <summary>When the answer was told last.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Since when the answer is what it is, however often it was told since; null where that is not known, in files of earlier versions.</summary>
    public DateTimeOffset? AnswerSince { get; init; }

    /// <summary>How often an answer was told.</summary>
    public int Recurrence { get; init; } = 1;

    /// <summary>How often it was used since, to within a factor of two.</summary>
    public long Uses { get; init; }

    /// <summary>Loss of the answer under that set, in nats per token.</summary>
    public double Surprise { get; init; }

    /// <summary>Which backbone and features the embedding is of.</summary>
    public string Space { get; init; } = "";

    /// <summary>The backbone's features of the question, as <see cref="EpisodeEmbedding"/> packs them; empty when they are not known.</summary>
    public byte[] Embedding { get; init; } = [];

    /// <summary>Whether a text is the answer. An answer of one line is judged by the text's first line, as everywhere.</summary>
    /// <param name="text">What is said.</param>
    public bool IsSaidBy(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var (expected, said) = (Answer.Trim(), text.Trim());
        return expected == (expected.Contains('\n', StringComparison.Ordinal) ? said : said.Split('\n')[0].Trim());
    }

    /// <summary>The name of a question.</summary>
    /// <param name="owner">Name of the API key.</param>
    /// <param name="user">Whose it is; null when it is shared.</param>
    /// <param name="prompt">The question.</param>
    public static string IdOf(string owner, string? user, string prompt)
    {
        // Lengths keep apart what would run together.
        var text = $"{owner.Length} {owner} {(user is null ? "all" : $"{user.Length} {user}")} {prompt}";
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..24];
    }
}

/// <summary>How an episode's answer is known to be right.</summary>
public enum EpisodeOrigin
{
    /// <summary>Somebody corrected the model.</summary>
    Correction,

    /// <summary>Somebody called the model's answer good.</summary>
    Praise,
}
