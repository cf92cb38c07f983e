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
        ByFirst = ids.Where(id => texts[id].Length > 0).GroupBy(id => texts[id][0]).ToFrozenDictionary(group => group.Key, group => group.ToArray());
        (MostOpenings, MostClosings) = (texts.Max(text => text.Count(character => character is '{' or '[')), texts.Max(text => text.Count(character => character is '}' or ']')));
    }

    /// <summary>How many tokens.</summary>
    public int Count => _texts.Length;

    /// <summary>Those that have a text, by its first character.</summary>
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
        [.. Enumerable.Range(0, Math.Max(count, tokenizer.VocabularySize)).Select(id => TextOf(tokenizer, id))],
        endTokens.Concat(tokenizer.SpecialTokens.Values).ToHashSet());

    /// <summary>A token's text.</summary>
    public string this[int id] => _texts[id];

    // One that ends within a character ends with a mark for it: something will follow that is no blank and no bracket.
    private static string TextOf(TextTokenizer tokenizer, int id)
    {
        var decoder = tokenizer.CreateDecoder(startOfText: false);
        return decoder.Push(id) + decoder.Flush();
    }
}
