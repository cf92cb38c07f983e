using System.Text;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Tokenization;

namespace DyLoraMoe.Core.Generation;

/// <summary>Continues texts: tokens in and out, stop texts, whole characters only.</summary>
/// <param name="model">The backbone.</param>
/// <param name="tokenizer">The backbone's own tokenizer.</param>
public sealed class TextGenerator(CausalLanguageModel model, TextTokenizer tokenizer)
{
    private readonly TokenGenerator _tokens = new(model);

    /// <summary>Generates a continuation of every prompt.</summary>
    /// <param name="prompts">Prompts as text; special tokens are added as the tokenizer's files say.</param>
    /// <param name="options">How to choose tokens, and where to stop.</param>
    /// <param name="adapters">Which adapters each row uses; the bare backbone when null.</param>
    /// <param name="onText">Called with row and text as soon as the text is certain.</param>
    /// <param name="cancellationToken">Ends the generation between two tokens.</param>
    public IReadOnlyList<GeneratedText> Generate(
        IReadOnlyList<string> prompts,
        GenerationOptions options,
        GenerationAdapters? adapters = null,
        Action<int, string>? onText = null,
        CancellationToken cancellationToken = default) =>
        Generate([.. prompts.Select(prompt => (IReadOnlyList<int>)tokenizer.Encode(prompt))], options, adapters, onText, cancellationToken);

    /// <summary>Generates a continuation of every prompt, given as token ids.</summary>
    /// <param name="prompts">Prompts as token ids, as a chat template gives them.</param>
    /// <param name="options">How to choose tokens, and where to stop.</param>
    /// <param name="adapters">Which adapters each row uses; the bare backbone when null.</param>
    /// <param name="onText">Called with row and text as soon as the text is certain.</param>
    /// <param name="cancellationToken">Ends the generation between two tokens.</param>
    public IReadOnlyList<GeneratedText> Generate(
        IReadOnlyList<IReadOnlyList<int>> prompts,
        GenerationOptions options,
        GenerationAdapters? adapters = null,
        Action<int, string>? onText = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Stop.Any(string.IsNullOrEmpty))
        {
            throw new ArgumentException("A stop text is empty; every stop text needs at least one character.", nameof(options));
        }

        var ends = options.EosTokenIds.Count > 0 ? options.EosTokenIds : [.. model.Config.EosTokenIds.Concat(tokenizer.EosIds).Distinct()];
        var rows = prompts.Select(_ => new Row(tokenizer.CreateDecoder(startOfText: false), new StopScanner(options.Stop))).ToArray();
        var generated = _tokens.Generate(prompts, options with { EosTokenIds = ends }, adapters, Show, cancellationToken);
        return [.. generated.Select((tokens, row) => rows[row].Finish(tokens, text => onText?.Invoke(row, text)))];

        bool Show(int row, int id)
        {
            var text = rows[row].Push(id);
            if (text.Length > 0)
            {
                onText?.Invoke(row, text);
            }

            return !rows[row].IsStopped;
        }
    }

    private sealed class Row(IncrementalDecoder decoder, StopScanner scanner)
    {
        private readonly StringBuilder _text = new();

        public bool IsStopped => scanner.IsStopped;

        public string Push(int id) => Keep(scanner.Push(decoder.Push(id)));

        public GeneratedText Finish(GeneratedTokens tokens, Action<string> onText)
        {
            var rest = Keep(scanner.Push(decoder.Flush()) + scanner.Flush());
            if (rest.Length > 0)
            {
                onText(rest);
            }

            return new GeneratedText(_text.ToString(), tokens.Ids, IsStopped ? FinishReason.Stop : tokens.FinishReason) { LogProbability = tokens.LogProbability };
        }

        private string Keep(string text)
        {
            _text.Append(text);
            return text;
        }
    }
}

/// <summary>What one prompt was continued with.</summary>
/// <param name="Text">The continuation, without prompt, end token and stop text.</param>
/// <param name="Ids">Every token that was generated, those of the stop text included.</param>
/// <param name="FinishReason">Why it ended.</param>
public sealed record GeneratedText(string Text, IReadOnlyList<int> Ids, FinishReason FinishReason)
{
    /// <summary>Natural logarithm of the probability with which all tokens were drawn, the end token included; null where it was not asked for.</summary>
    public double? LogProbability { get; init; }
}
