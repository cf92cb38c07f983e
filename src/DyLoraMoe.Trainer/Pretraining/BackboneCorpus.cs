using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Data.Corpus;
using DyLoraMoe.Core.Data.Reading;
using DyLoraMoe.Core.Tokenization;
using DyLoraMoe.Core.Tokenization.Chat;

namespace DyLoraMoe.Trainer.Pretraining;

/// <summary>The documents that a configuration means, and their tokens.</summary>
internal sealed class BackboneCorpus
{
    private const int FilesHeldOutPercent = 1;
    private const string ChatFamily = "chat";

    private BackboneCorpus(IReadOnlyList<CorpusDocument> train, IReadOnlyList<CorpusDocument> heldOut)
    {
        Train = train;
        HeldOut = heldOut;
    }

    /// <summary>Documents to learn from.</summary>
    public IReadOnlyList<CorpusDocument> Train { get; }

    /// <summary>Documents to measure on.</summary>
    public IReadOnlyList<CorpusDocument> HeldOut { get; }

    /// <summary>Generates or reads the documents.</summary>
    /// <param name="config">What to learn.</param>
    /// <param name="seed">Seed of the generator.</param>
    /// <param name="context">The model's context: long texts are held out in pieces of a few.</param>
    public static BackboneCorpus Of(CorpusConfig config, ulong seed, int context) => config.Files.Count == 0 ? Generated(config, seed) : Read(config, context);

    /// <summary>Texts from the first on, at most so many characters of them; of a first one that is longer, its beginning.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="characters">Most characters, at least 1.</param>
    public static IEnumerable<string> Beginning(IEnumerable<string> texts, int characters)
    {
        var left = characters;
        foreach (var text in texts)
        {
            if (text.Length > left)
            {
                if (left == characters)
                {
                    yield return text[..left];
                }

                yield break;
            }

            left -= text.Length;
            yield return text;
        }
    }

    /// <summary>All documents one after the other, each with an end token behind it.</summary>
    /// <param name="documents">The documents.</param>
    /// <param name="tokenizer">The model's tokenizer; must have an end token.</param>
    public static int[] Stream(IEnumerable<CorpusDocument> documents, TextTokenizer tokenizer)
    {
        var end = tokenizer.EosId ?? throw new InvalidDataException("The tokenizer has no end token, expected one to set documents apart.");
        return [.. documents.SelectMany(document => Encode(document, tokenizer).Append(end))];
    }

    /// <summary>A document's tokens. Every other talk is written as a chat template would, so that the model knows the template's markers.</summary>
    public static int[] Encode(CorpusDocument document, TextTokenizer tokenizer) =>
        document.Family == ChatFamily && document.Index % 2 == 0 && tokenizer.TokenId("<|im_start|>") is not null
            ? tokenizer.EncodeChat(Messages(document.Text), addGenerationPrompt: false)
            : tokenizer.Encode(document.Text, addSpecialTokens: false, parseSpecialTokens: false);

    private static BackboneCorpus Generated(CorpusConfig config, ulong seed)
    {
        // Another seed, not later documents of the same: more training data must not reach into the held-out ones.
        var train = new CorpusGenerator(seed).Take(config.Characters).ToList();
        var seen = train.Select(document => document.Text).ToHashSet(StringComparer.Ordinal);
        var heldOut = new CorpusGenerator(SeededRandom.Key("held out") ^ seed).Take(config.HeldOutCharacters);
        return new BackboneCorpus(train, [.. heldOut.Where(document => !seen.Contains(document.Text))]);
    }

    private static BackboneCorpus Read(CorpusConfig config, int context)
    {
        var dataset = Dataset.Load(config.Files, new DatasetOptions { TextField = config.TextField });
        var (train, heldOut) = TextPieces.Split(dataset.Samples, new HeldOutSplit(FilesHeldOutPercent), context);
        return train.Count > 0
            ? new BackboneCorpus(Documents(train), Documents(heldOut))
            : throw new InvalidDataException($"There is nothing to learn from: {dataset.Samples.Count} samples were read.");
    }

    private static List<CorpusDocument> Documents(List<Sample> samples) =>
        [.. samples.Select((sample, index) => new CorpusDocument(index, "files", sample.Text))];

    private static List<ChatMessage> Messages(string talk) => [.. talk.Split('\n').Select(line =>
    {
        var colon = line.IndexOf(": ", StringComparison.Ordinal);
        return new ChatMessage(line[..colon].ToLowerInvariant(), line[(colon + 2)..]);
    })];
}
