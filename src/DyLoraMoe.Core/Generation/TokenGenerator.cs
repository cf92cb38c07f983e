using DyLoraMoe.Core.Models;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Generation;

/// <summary>Continues a batch of token sequences of any lengths with a key/value cache, each row until its own end.</summary>
/// <remarks>Shapes: B rows, T prompt tokens (padded on the left), V vocabulary.</remarks>
/// <param name="model">The backbone.</param>
public sealed class TokenGenerator(CausalLanguageModel model)
{
    /// <summary>Generates until every row has ended.</summary>
    /// <param name="prompts">Token ids of every row; none may be empty.</param>
    /// <param name="options">How to choose tokens. Stop texts are the caller's: see <paramref name="onToken"/>.</param>
    /// <param name="adapters">Which adapters each row uses; the bare backbone when null.</param>
    /// <param name="onToken">Called with row and token as they come; returns false to end the row. End tokens are not shown.</param>
    /// <param name="cancellationToken">Ends the generation between two tokens.</param>
    /// <returns>The generated tokens of every row, without the prompt and without end tokens.</returns>
    public IReadOnlyList<GeneratedTokens> Generate(
        IReadOnlyList<IReadOnlyList<int>> prompts,
        GenerationOptions options,
        GenerationAdapters? adapters = null,
        Func<int, int, bool>? onToken = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        RefuseBadPrompts(prompts);

        using var _ = inference_mode();
        using var scope = NewDisposeScope();
        var rows = new Rows(prompts.Count, options, onToken);
        using var sampler = new TokenSampler(options, prompts, model.Config.VocabularySize, model.Device);
        using var cache = new KeyValueCache(model.Config.Layers, prompts.Max(prompt => prompt.Count) + Math.Min(options.MaxTokens, 256));
        var batch = PaddedPrompts.Create(prompts, model.Device);
        using var answering = adapters?.ForAnswers(prompts, model.Device);

        Tensor next;
        using (var prefilling = adapters?.ForPrompts(prompts, (int)batch.Ids.shape[1], model.Device))
        {
            next = Choose(batch.Ids, batch.PromptOptions(cache, prefilling), sampler);
        }

        while (rows.Accept(next, sampler.LogProbabilities) && !cancellationToken.IsCancellationRequested)
        {
            using var step = NewDisposeScope();
            var chosen = Choose(next.unsqueeze(1), batch.StepOptions(cache, answering), sampler);
            next.Dispose();
            next = chosen.MoveToOuterDisposeScope();
        }

        return rows.Results;
    }

    private Tensor Choose(Tensor ids, ForwardOptions options, TokenSampler sampler)
    {
        using var scope = NewDisposeScope();
        var hidden = model.Encode(ids, options);                                                  // (B, T, D)
        var last = hidden.narrow(1, hidden.shape[1] - 1, 1);                                      // (B, 1, D)
        using var headDelta = options.Delta is Adapters.AdapterBatch batch ? batch.LastToken() : null;
        return sampler.Next(model.Head(last, headDelta).squeeze(1)).MoveToOuterDisposeScope();    // (B)
    }

    private void RefuseBadPrompts(IReadOnlyList<IReadOnlyList<int>> prompts)
    {
        if (prompts.Count == 0 || prompts.Any(prompt => prompt.Count == 0))
        {
            throw new ArgumentException("Every prompt needs at least one token; start an empty prompt with the beginning-of-sequence token.", nameof(prompts));
        }

        foreach (var id in prompts.SelectMany(prompt => prompt))
        {
            if (id < 0 || id >= model.Config.VocabularySize)
            {
                throw new ArgumentException($"Token id {id} is outside the vocabulary of {model.Config.VocabularySize}; is this the model's own tokenizer?", nameof(prompts));
            }
        }
    }

    private sealed class Rows(int count, GenerationOptions options, Func<int, int, bool>? onToken)
    {
        private readonly List<int>[] _tokens = [.. Enumerable.Range(0, count).Select(_ => new List<int>())];
        private readonly FinishReason?[] _ended = new FinishReason?[count];
        private readonly double[] _logs = new double[count];

        public IReadOnlyList<GeneratedTokens> Results =>
            [.. _tokens.Select((tokens, row) => new GeneratedTokens(tokens, _ended[row] ?? FinishReason.Length) { LogProbability = options.LogProbabilities ? _logs[row] : null })];

        /// <summary>Takes in the newest tokens; false when every row has ended.</summary>
        public bool Accept(Tensor next, float[]? logs)
        {
            using var host = next.cpu();
            var ids = host.data<long>();
            for (var row = 0; row < count; row++)
            {
                if (_ended[row] is null)
                {
                    _logs[row] += logs?[row] ?? 0;
                    _ended[row] = Accept(row, (int)ids[row]);
                }
            }

            return Array.Exists(_ended, ended => ended is null);
        }

        private FinishReason? Accept(int row, int id)
        {
            if (options.EosTokenIds.Contains(id))
            {
                return FinishReason.Stop;
            }

            _tokens[row].Add(id);
            if (onToken is not null && !onToken(row, id))
            {
                return FinishReason.Stop;
            }

            return _tokens[row].Count >= options.MaxTokens ? FinishReason.Length : null;
        }
    }
}

/// <summary>What one row generated.</summary>
/// <param name="Ids">Its tokens, without prompt and end token.</param>
/// <param name="FinishReason">Why it ended.</param>
public sealed record GeneratedTokens(IReadOnlyList<int> Ids, FinishReason FinishReason)
{
    /// <summary>Natural logarithm of the probability with which all of it was drawn, its end token included, as temperature, top-k and top-p left it; null where it was not asked for.</summary>
    public double? LogProbability { get; init; }
}
