using DyLoraMoe.Core.Tokenization.Normalization;

namespace DyLoraMoe.Core.Tokenization.Loading;

/// <summary>What a <c>decoder</c> does to tokens.</summary>
internal sealed class DecoderReader
{
    /// <summary>Tokens are bytes in GPT-2's alphabet.</summary>
    public bool ByteLevel { get; private set; }

    /// <summary>Tokens such as <c>&lt;0x0A&gt;</c> are bytes.</summary>
    public bool ByteFallback { get; private set; }

    /// <summary>What is replaced in each token.</summary>
    public List<(string From, string To)> Replacements { get; } = [];

    /// <summary>How many spaces are taken off at the start.</summary>
    public int StripCount { get; private set; }

    /// <summary>Where they are taken off, as far as the decoder says.</summary>
    public PrefixScheme Strip { get; private set; }

    /// <summary>Whether there is a decoder at all.</summary>
    public bool IsPresent { get; private set; }

    public static DecoderReader Read(JsonPart part)
    {
        DecoderReader reader = new() { IsPresent = !part.IsNull };
        if (reader.IsPresent)
        {
            reader.Add(part);
        }

        return reader;
    }

    private void Add(JsonPart part)
    {
        switch (part["type"].Text())
        {
            case "Sequence":
                foreach (var inner in part["decoders"].Items())
                {
                    Add(inner);
                }

                break;
            case "ByteLevel":
                ByteLevel = true;
                break;
            case "ByteFallback":
                ByteFallback = true;
                break;
            case "Fuse":
                break;
            case "Replace":
                Replacements.Add((part["pattern"]["String"].TextOrNull() is { Length: > 0 } from ? from : throw part["pattern"].Wrong("a string"), part["content"].Text()));
                break;
            case "Metaspace":
                Replacements.Add((part["replacement"].Text(), " "));
                var prepends = part["prepend_scheme"].TextOrNull() is { } scheme ? scheme != "never" : part["add_prefix_space"].Flag(true);
                (StripCount, Strip) = prepends ? (1, PrefixScheme.First) : (StripCount, Strip);
                break;
            case "Strip":
                AddStrip(part);
                break;
            case var other:
                throw new NotSupportedException($"{part.Place} is a '{other}' decoder. Supported: Sequence, ByteLevel, ByteFallback, Fuse, Replace, Metaspace, Strip.");
        }
    }

    private void AddStrip(JsonPart part)
    {
        if (part["content"].Text() != " " || part["stop"].Integer() != 0)
        {
            throw new NotSupportedException($"{part.Place} takes '{part["content"].Text()}' off, {part["stop"].Raw()} of them at the end. Only spaces at the start are supported.");
        }

        StripCount = part["start"].Integer();
        Strip = StripCount > 0 ? PrefixScheme.First : PrefixScheme.Never;
    }
}
