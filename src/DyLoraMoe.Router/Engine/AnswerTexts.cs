using System.Collections.Frozen;
using DyLoraMoe.Core.Tokenization;

namespace DyLoraMoe.Router.Engine;

/// <summary>
/// What each token adds to an answer, decoded once for a vocabulary, and in the order of their first characters: an answer with a form allows
/// few of those at a time. It never changes.
/// </summary>
internal sealed class AnswerTexts
{
    private readonly string[] _texts;

    private AnswerTexts(string[] texts, IReadOnlySet<int> left)
    {
        _texts = texts;
        var ids = Enumerable.Range(0, texts.Length).Where(id => !left.Contains(id)).ToList();
        Partial = [.. ids.Where(id => texts[id].Length == 0)];
        ByFirst = ids.Where(id => texts[id].Length > 0).GroupBy(id => texts[id][0]).ToFrozenDictionary(group => group.Key, group => group.ToArray());
        (MostOpenings, MostClosings) = (texts.Max(text => text.Count(character => character is '{' or '[')), texts.Max(text => text.Count(character => character is '}' or ']')));
    }

    /// <summary>How many tokens.</summary>
    public int Count => _texts.Length;

    /// <summary>Tokens without a text of their own: a part of a character.</summary>
    public IReadOnlyList<int> Partial { get; }

    /// <summary>The others by their first character.</summary>
    public FrozenDictionary<char, int[]> ByFirst { get; }

    /// <summary>Most objects and arrays that one token opens.</summary>
    public int MostOpenings { get; }

    /// <summary>Most that one token closes.</summary>
    public int MostClosings { get; }

    /// <summary>Decodes a vocabulary.</summary>
    /// <param name="tokenizer">Knows the tokens.</param>
    /// <param name="count">How many the model has; some may have no text.</param>
    /// <param name="endTokens">Tokens that end an answer; like the special ones they are no text.</param>
    public static AnswerTexts Of(TextTokenizer tokenizer, int count, IReadOnlySet<int> endTokens) => new(
        [.. Enumerable.Range(0, Math.Max(count, tokenizer.VocabularySize)).Select(id => tokenizer.CreateDecoder(startOfText: false).Push(id))],
        endTokens.Concat(tokenizer.SpecialTokens.Values).ToHashSet());

    /// <summary>A token's text.</summary>
    public string this[int id] => _texts[id];
}
