namespace DyLoraMoe.Core.Tokenization.Chat;

/// <summary>Which tokens are the template's alone, and which an answer may hold.</summary>
/// <param name="tokens">Every added token.</param>
/// <param name="template">The template's source, where there is one.</param>
internal sealed class MarkerRules(IReadOnlyList<AddedToken> tokens, string? template)
{
    private static readonly string[] _roles = ["system", "user", "assistant"];

    private readonly HashSet<string> _unspecial = [.. tokens.Where(token => !token.Special).Select(token => token.Content)];

    /// <summary>Whether text from outside must not reach a token: it is special, or the template writes it or its other half, perhaps around a role's name.</summary>
    public bool IsProtected(AddedToken token) => token.Special || (token.Content.Length > 2
        && (IsWritten(token.Content) || (IsOfAnswers(token) && IsWritten(OtherHalf(token.Content))) || Array.Exists(_roles, role => IsWrittenAround(token.Content, role))));

    /// <summary>Whether a token marks a part of an answer: it is not special and comes in a pair such as <c>&lt;think&gt;</c> and <c>&lt;/think&gt;</c>.</summary>
    public bool IsOfAnswers(AddedToken token) => !token.Special && token.Content is ['<', _, ..] && _unspecial.Contains(OtherHalf(token.Content));

    private static string OtherHalf(string content) => content[1] == '/' ? "<" + content[2..] : "</" + content[1..];

    private bool IsWritten(string text) => template?.Contains(text, StringComparison.Ordinal) == true;

    private bool IsWrittenAround(string content, string role)
    {
        var at = content.IndexOf(role, StringComparison.Ordinal);
        return at > 0 && at + role.Length < content.Length && IsWritten(content[..at]) && IsWritten(content[(at + role.Length)..]);
    }
}
