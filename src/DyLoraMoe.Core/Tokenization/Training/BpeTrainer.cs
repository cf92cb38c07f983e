using System.Runtime.InteropServices;
using System.Text;
using DyLoraMoe.Core.Tokenization.BytePair;
using DyLoraMoe.Core.Tokenization.Loading;
using Microsoft.ML.Tokenizers;

namespace DyLoraMoe.Core.Tokenization.Training;

/// <summary>
/// Learns a byte-level byte-pair vocabulary (<see href="https://arxiv.org/abs/1508.07909"/>): merge the most frequent pair,
/// again and again. Equal counts are settled by the smaller ids, so the same corpus gives the same file.
/// </summary>
public static class BpeTrainer
{
    /// <summary>Learns from texts, which are read once.</summary>
    /// <param name="texts">The corpus.</param>
    /// <param name="options">Sizes and special tokens.</param>
    /// <exception cref="ArgumentException">The options contradict each other.</exception>
    public static TrainedVocabulary Train(IEnumerable<string> texts, BpeTrainerOptions options)
    {
        ArgumentNullException.ThrowIfNull(texts);
        Check(options);
        List<string> tokens = [.. options.SpecialTokens];
        var firstByte = tokens.Count;
        tokens.AddRange(Enumerable.Range(0, 256).Select(value => ByteAlphabet.ToCharacter((byte)value)).Order().Select(character => character.ToString()));
        MergeState state = new(Words(texts, options), tokens, firstByte);
        state.Merge(options.VocabularySize, options.MinimumFrequency);
        return new TrainedVocabulary(options, tokens, state.Merges);
    }

    private static void Check(BpeTrainerOptions options)
    {
        var least = options.SpecialTokens.Count + 256;
        if (options.VocabularySize < least)
        {
            throw new ArgumentException($"A vocabulary of {options.VocabularySize} has no room for {options.SpecialTokens.Count} special tokens and 256 bytes; ask for at least {least}.", nameof(options));
        }

        if (options.SpecialTokens.Any(string.IsNullOrEmpty) || options.SpecialTokens.Distinct().Count() != options.SpecialTokens.Count)
        {
            throw new ArgumentException("Special tokens should be distinct and not empty.", nameof(options));
        }

        foreach (var role in (string?[])[options.BosToken, options.EosToken, options.PadToken])
        {
            if (role is not null && !options.SpecialTokens.Contains(role))
            {
                throw new ArgumentException($"'{role}' has a role but is not among the special tokens.", nameof(options));
            }
        }

        if (options.AddBos && options.BosToken is null)
        {
            throw new ArgumentException("AddBos needs a BosToken.", nameof(options));
        }
    }

    /// <summary>Every distinct piece between special tokens, and how often it occurs.</summary>
    private static Dictionary<string, int> Words(IEnumerable<string> texts, BpeTrainerOptions options)
    {
        AddedTokenMatcher special = new(options.SpecialTokens.Select((token, id) => (token, new AddedToken(token, id))));
        var splitter = PreTokenizerReader.ByPattern(options.Pattern);
        Dictionary<string, int> words = [];
        foreach (var text in texts)
        {
            foreach (var (start, end, token) in special.Cut(text))
            {
                if (token is null)
                {
                    Count(text.AsSpan(start, end - start), splitter, words);
                }
            }
        }

        return words;
    }

    private static void Count(ReadOnlySpan<char> text, PreTokenizer splitter, Dictionary<string, int> words)
    {
        var lookup = words.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var (offset, length) in splitter.PreTokenize(text))
        {
            CollectionsMarshal.GetValueRefOrAddDefault(lookup, text.Slice(offset, length), out _)++;
        }
    }

    /// <summary>The corpus as distinct words of ids, with the count and the places of every pair.</summary>
    private sealed class MergeState
    {
        private readonly List<string> _tokens;
        private readonly Dictionary<string, int> _ids = [];
        private readonly List<(int[] Ids, int Count)> _words = [];
        private readonly Dictionary<(int Left, int Right), long> _counts = [];
        private readonly Dictionary<(int Left, int Right), List<int>> _places = [];
        private readonly PriorityQueue<(int Left, int Right), (long NegatedCount, int Left, int Right)> _queue = new();

        public MergeState(Dictionary<string, int> words, List<string> tokens, int firstByte)
        {
            _tokens = tokens;
            for (var id = 0; id < tokens.Count; id++)
            {
                _ids[tokens[id]] = id;
            }

            var byteIds = new int[256];
            for (var id = firstByte; id < tokens.Count; id++)
            {
                byteIds[ByteAlphabet.ToByte(tokens[id][0])] = id;
            }

            foreach (var (word, count) in words)
            {
                Count([.. Encoding.UTF8.GetBytes(word).Select(value => byteIds[value])], count);
            }

            foreach (var (pair, count) in _counts)
            {
                _queue.Enqueue(pair, (-count, pair.Left, pair.Right));
            }
        }

        public List<(string Left, string Right)> Merges { get; } = [];

        public void Merge(int vocabularySize, int minimumFrequency)
        {
            while (_tokens.Count < vocabularySize && _queue.TryDequeue(out var pair, out var priority))
            {
                // Counts only fall while a pair waits, so a pair whose count is out of date goes back further down.
                var count = _counts[pair];
                if (count != -priority.NegatedCount)
                {
                    _queue.Enqueue(pair, (-count, pair.Left, pair.Right));
                    continue;
                }

                if (count < Math.Max(1, minimumFrequency))
                {
                    break;
                }

                Apply(pair);
            }
        }

        private void Count(int[] ids, int count)
        {
            _words.Add((ids, count));
            for (var i = 0; i + 1 < ids.Length; i++)
            {
                Change((ids[i], ids[i + 1]), count, _words.Count - 1, null);
            }
        }

        private void Apply((int Left, int Right) pair)
        {
            var text = _tokens[pair.Left] + _tokens[pair.Right];
            if (!_ids.TryGetValue(text, out var product))
            {
                product = _tokens.Count;
                _tokens.Add(text);
                _ids[text] = product;
            }

            Merges.Add((_tokens[pair.Left], _tokens[pair.Right]));
            HashSet<(int Left, int Right)> grown = [];
            foreach (var place in _places[pair])
            {
                Rewrite(place, pair, product, grown);
            }

            _places.Remove(pair);
            _counts[pair] = 0;
            foreach (var more in grown)
            {
                _queue.Enqueue(more, (-_counts[more], more.Left, more.Right));
            }
        }

        /// <summary>Merges a pair in one word and brings the counts of its neighbours up to date.</summary>
        private void Rewrite(int place, (int Left, int Right) pair, int product, HashSet<(int Left, int Right)> grown)
        {
            var (ids, count) = _words[place];
            List<int> merged = new(ids.Length);
            for (var i = 0; i < ids.Length; i++)
            {
                if (i + 1 < ids.Length && ids[i] == pair.Left && ids[i + 1] == pair.Right)
                {
                    merged.Add(product);
                    i++;
                }
                else
                {
                    merged.Add(ids[i]);
                }
            }

            if (merged.Count == ids.Length)
            {
                return;
            }

            for (var i = 0; i + 1 < ids.Length; i++)
            {
                Change((ids[i], ids[i + 1]), -count, place, null);
            }

            for (var i = 0; i + 1 < merged.Count; i++)
            {
                var isNew = merged[i] == product || merged[i + 1] == product;
                Change((merged[i], merged[i + 1]), count, isNew ? place : -1, isNew ? grown : null);
            }

            _words[place] = ([.. merged], count);
        }

        private void Change((int Left, int Right) pair, int by, int place, HashSet<(int Left, int Right)>? grown)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(_counts, pair, out _) += by;
            grown?.Add(pair);
            if (by <= 0 || place < 0)
            {
                return;
            }

            ref var places = ref CollectionsMarshal.GetValueRefOrAddDefault(_places, pair, out _);
            places ??= [];
            if (places.Count == 0 || places[^1] != place)
            {
                places.Add(place);
            }
        }
    }
}
