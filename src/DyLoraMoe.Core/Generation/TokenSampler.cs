using static TorchSharp.torch;

namespace DyLoraMoe.Core.Generation;

/// <summary>
/// Chooses the next token of every row: repetition penalty, temperature, top-k, top-p (nucleus), then a draw.
/// See <see href="https://arxiv.org/abs/1904.09751">The curious case of neural text degeneration</see>.
/// </summary>
/// <remarks>Shapes: B rows, V vocabulary. Each row has a generator of its own, so its draws do not depend on its neighbours.</remarks>
internal sealed class TokenSampler : IDisposable
{
    private readonly GenerationOptions _options;
    private readonly Random[] _draws;
    private readonly Tensor? _seen;

    /// <param name="options">How to choose.</param>
    /// <param name="prompts">What each row starts with; counts as seen.</param>
    /// <param name="vocabulary">Vocabulary size, V.</param>
    /// <param name="device">Where the logits will be.</param>
    public TokenSampler(GenerationOptions options, IReadOnlyList<IReadOnlyList<int>> prompts, long vocabulary, Device device)
    {
        _options = options;
        _draws = [.. prompts.Select((_, row) => new Random(HashCode(options.Seed, row)))];
        if (options.RepetitionPenalty != 1)
        {
            _seen = zeros([prompts.Count, vocabulary], ScalarType.Bool, device).DetachFromDisposeScope();
            for (var row = 0; row < prompts.Count; row++)
            {
                using var scope = NewDisposeScope();
                _seen[row].index_fill_(0, tensor(prompts[row].Select(id => (long)id).ToArray(), device: device), true);
            }
        }
    }

    /// <summary>Natural logarithms of the probabilities with which the newest tokens were drawn, one a row; null where they are not asked for.</summary>
    public float[]? LogProbabilities { get; private set; }

    /// <summary>The next token of every row.</summary>
    /// <param name="logits">Logits of the last position, (B, V).</param>
    /// <returns>Token ids, (B) int64.</returns>
    public Tensor Next(Tensor logits)
    {
        using var scope = NewDisposeScope();
        var scores = Penalised(logits.to_type(ScalarType.Float32));
        var chosen = _options.Temperature == 0 ? Likeliest(scores) : Draw(scores / _options.Temperature);   // (B)
        if (_seen is not null)
        {
            _seen.scatter_(1, chosen.unsqueeze(1), ones_like(chosen, ScalarType.Bool).unsqueeze(1));
        }

        return chosen.MoveToOuterDisposeScope();
    }

    public void Dispose() => _seen?.Dispose();

    private Tensor Penalised(Tensor scores)
    {
        if (_seen is null)
        {
            return scores;
        }

        var penalty = _options.RepetitionPenalty;
        return where(_seen, where(scores < 0, scores * penalty, scores / penalty), scores);
    }

    private Tensor Likeliest(Tensor scores)
    {
        LogProbabilities = _options.LogProbabilities ? new float[scores.shape[0]] : null;
        return scores.argmax(-1);
    }

    private Tensor Draw(Tensor scores)
    {
        var count = _options.TopK is > 0 and var top && top < scores.shape[^1] ? top : scores.shape[^1];
        var (values, indices) = scores.topk((int)count, -1);                         // (B, K), descending
        var probabilities = nn.functional.softmax(values, -1);
        var reached = probabilities.cumsum(-1);
        if (_options.TopP < 1)
        {
            // A token stays while the sum before it is short of the target, so the likeliest always stays.
            probabilities = probabilities * (reached - probabilities < _options.TopP);
            reached = probabilities.cumsum(-1);
        }

        var whole = reached.narrow(-1, count - 1, 1);                                  // (B, 1)
        var target = tensor(_draws.Select(draw => draw.NextSingle()).ToArray(), device: scores.device).unsqueeze(1) * whole;

        // Sums round, on a GPU each its own way: a draw near the whole must not land on a token that was left out.
        var last = (probabilities > 0).sum(-1, keepdim: true).clamp_min(1) - 1;        // (B, 1)
        var place = minimum((reached <= target).sum(-1, keepdim: true), last);         // (B, 1)
        if (_options.LogProbabilities)
        {
            LogProbabilities = [.. (probabilities.gather(1, place) / whole).log().cpu().data<float>()];
        }

        return indices.gather(1, place).squeeze(1);                                   // (B)
    }

    // Neighbouring seeds and rows must not give similar streams; System.Random spreads its own seed, not sums of two.
    private static int HashCode(int seed, int row)
    {
        var mixed = (ulong)(uint)seed * 0x9E3779B97F4A7C15UL + (ulong)(uint)row * 0xBF58476D1CE4E5B9UL;
        mixed = (mixed ^ (mixed >> 31)) * 0x94D049BB133111EBUL;
        return (int)(mixed >> 33);
    }
}
