using DyLoraMoe.Core.Tokenization.Normalization;
using DyLoraMoe.Core.Tokenization.PreTokenization;
using Microsoft.ML.Tokenizers;

namespace DyLoraMoe.Core.Tokenization.Loading;

/// <summary>What a <c>pre_tokenizer</c> comes to.</summary>
/// <param name="PreTokenizer">What cuts the text, or null.</param>
/// <param name="Marker">What happens to spaces, or null.</param>
/// <param name="ByteLevel">Whether symbols are bytes.</param>
internal sealed record PreTokenization(PreTokenizer? PreTokenizer, SpaceMarker? Marker, bool ByteLevel);

/// <summary>Reads the <c>pre_tokenizer</c> of a <c>tokenizer.json</c>.</summary>
internal sealed class PreTokenizerReader
{
    /// <summary>GPT-2's own pattern, which the byte-level pre-tokenizer applies where <c>use_regex</c> is set.</summary>
    public const string Gpt2Pattern = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    /// <summary>Qwen's pattern; Llama 3's differs in taking digits by threes.</summary>
    public const string QwenPattern = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private readonly List<ISplitRule> _rules = [];
    private SpaceMarker? _marker;
    private bool _byteLevel;

    public static PreTokenization Read(JsonPart part)
    {
        PreTokenizerReader reader = new();
        if (!part.IsNull)
        {
            reader.Add(part);
        }

        return new PreTokenization(reader._rules.Count > 0 ? new StretchPreTokenizer(reader._rules) : null, reader._marker, reader._byteLevel);
    }

    /// <summary>The pre-tokenizer that splits by one pattern.</summary>
    public static PreTokenizer ByPattern(string pattern) => new StretchPreTokenizer([new PatternSplit(new OnigurumaPattern(pattern), SplitBehavior.Isolated, false)]);

    private static SplitBehavior Behavior(JsonPart part)
        => Enum.TryParse<SplitBehavior>(part.Text(), out var behavior) && Enum.IsDefined(behavior)
            ? behavior
            : throw part.Wrong($"one of {string.Join(", ", Enum.GetNames<SplitBehavior>())}");

    private void Add(JsonPart part)
    {
        var type = part["type"].Text();
        if (_byteLevel && type != "Sequence")
        {
            throw new NotSupportedException($"{part.Place} is a '{type}' pre-tokenizer behind ByteLevel, where it would see bytes instead of text. Put ByteLevel last.");
        }

        switch (type)
        {
            case "Sequence":
                foreach (var inner in part["pretokenizers"].Items())
                {
                    Add(inner);
                }

                break;
            case "ByteLevel":
                AddByteLevel(part);
                break;
            case "Metaspace":
                AddMetaspace(part);
                break;
            case "Split":
                AddSplit(part);
                break;
            case "Digits":
                AddPattern(@"\p{N}", part["individual_digits"].Flag(false) ? SplitBehavior.Isolated : SplitBehavior.Contiguous);
                break;
            case "Punctuation":
                AddPattern(@"[!-/:-@\[-`{-~\p{P}]", part["behavior"] is { IsNull: false } behavior ? Behavior(behavior) : SplitBehavior.Isolated);
                break;
            default:
                throw new NotSupportedException($"{part.Place} is a '{type}' pre-tokenizer. Supported: Sequence, ByteLevel, Metaspace, Split, Digits, Punctuation.");
        }
    }

    private void AddPattern(string pattern, SplitBehavior behavior, bool invert = false)
        => _rules.Add(new PatternSplit(new OnigurumaPattern(pattern), behavior, invert));

    private void AddByteLevel(JsonPart part)
    {
        _byteLevel = true;
        if (part["add_prefix_space"].Flag(true))
        {
            Mark(part, new SpaceMarker(' ', PrefixScheme.Always));
        }

        if (part["use_regex"].Flag(true))
        {
            AddPattern(Gpt2Pattern, SplitBehavior.Isolated);
        }
    }

    private void AddMetaspace(JsonPart part)
    {
        var replacement = part["replacement"].Text();
        if (replacement.Length != 1)
        {
            throw part["replacement"].Wrong("one character");
        }

        var scheme = part["prepend_scheme"].TextOrNull() switch
        {
            "always" => PrefixScheme.Always,
            "first" => PrefixScheme.First,
            "never" => PrefixScheme.Never,
            null => part["add_prefix_space"].Flag(true) ? PrefixScheme.Always : PrefixScheme.Never,
            _ => throw part["prepend_scheme"].Wrong("always, first or never"),
        };
        Mark(part, new SpaceMarker(replacement[0], scheme));
        if (part["split"].Flag(true))
        {
            _rules.Add(new LiteralSplit(replacement, SplitBehavior.MergedWithNext, false));
        }
    }

    private void Mark(JsonPart part, SpaceMarker marker)
    {
        if (_rules.Count > 0 || _marker is not null)
        {
            throw new NotSupportedException($"{part.Place} puts a space in front of pieces that another pre-tokenizer has cut. Put it first.");
        }

        _marker = marker;
    }

    private void AddSplit(JsonPart part)
    {
        var behavior = Behavior(part["behavior"]);
        var invert = part["invert"].Flag(false);
        var pattern = part["pattern"];
        if (pattern["String"].TextOrNull() is { } literal)
        {
            _rules.Add(literal.Length > 0 ? new LiteralSplit(literal, behavior, invert) : throw pattern.Wrong("a string of at least one character"));
        }
        else
        {
            AddPattern(pattern["Regex"].Text(), behavior, invert);
        }
    }
}
