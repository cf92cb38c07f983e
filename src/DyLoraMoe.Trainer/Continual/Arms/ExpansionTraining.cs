using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Trainer.Continual.Streams;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DyLoraMoe.Trainer.Continual.Arms;

/// <summary>
/// Trains the newest expert of a set and its row of the router by the language loss of the mixture; the experts and rows before
/// it are frozen, but take part.
/// </summary>
/// <remarks>Shapes: B rows of one sample each, T positions, E experts with the newest last, F features, M targets, V vocabulary.</remarks>
internal sealed class ExpansionTraining : IDisposable
{
    // Rows hold one sample each, since every sample has weights of its own.
    private const int TypicalTokens = 24;

    private readonly ArmContext _context;
    private readonly AdapterBank? _earlier;
    private readonly Tensor? _earlierRows;
    private readonly LoraAdapter _adapter;
    private readonly Parameter _row;
    private readonly AdamW.ParamGroup _group;
    private readonly AdamW _optimizer;

    /// <summary>Prepares the training.</summary>
    /// <param name="context">Backbone and rate.</param>
    /// <param name="earlier">The frozen experts; null when there are none.</param>
    /// <param name="earlierRows">Their rows of the router, (E - 1, F + 1).</param>
    /// <param name="adapter">The new expert.</param>
    public ExpansionTraining(ArmContext context, AdapterBank? earlier, Tensor? earlierRows, LoraAdapter adapter)
    {
        (_context, _earlier, _earlierRows, _adapter) = (context, earlier, earlierRows, adapter);
        foreach (var parameter in context.Backbone.parameters())
        {
            parameter.requires_grad = false;
        }

        _row = new Parameter(zeros(earlierRows?.shape[1] ?? 1).DetachFromDisposeScope());
        _group = new AdamW.ParamGroup(earlierRows is null ? adapter.Parameters : adapter.Parameters.Append(_row), new AdamW.Options { LearningRate = 0, weight_decay = 0 });
        _optimizer = new AdamW([_group], beta2: 0.99);
    }

    /// <summary>The router: features and a constant, (N, F), (E, F + 1) -> (N, E).</summary>
    public static Tensor Logits(Tensor features, Tensor rows)
    {
        var width = features.shape[1];
        return nn.functional.linear(features, rows.narrow(1, 0, width), rows.select(1, width)) / Math.Sqrt(width);
    }

    /// <summary>Trains for the visit's budget.</summary>
    /// <param name="visit">The data.</param>
    /// <param name="features">Normalised features of its training samples, (N, F).</param>
    /// <param name="cancellation">Stops between steps.</param>
    public long Run(SkillVisit visit, Tensor features, CancellationToken cancellation)
    {
        var (settings, tokens) = (_context.Settings, 0L);
        var rows = Math.Max(1, settings.Rows * settings.RowLength / TypicalTokens);
        var source = new SampleBatchSource(
            visit.TrainTokens, new BatchOptions { Rows = rows, RowLength = visit.TrainTokens.Max(sample => sample.Positions), Seed = _context.Seed + (ulong)visit.Stage, Pack = false });
        for (var taken = 0; ; taken++)
        {
            cancellation.ThrowIfCancellationRequested();
            var batch = source.Next();
            if (tokens + batch.Tokens > visit.TokenBudget)
            {
                return tokens;
            }

            Take(batch, features, BudgetedTraining.RateAt(taken, (double)tokens / visit.TokenBudget, _context.Rate, settings), taken);
            tokens += batch.Tokens;
        }
    }

    /// <summary>The trained row of the router, (F + 1); the caller's from then on. Zeros for the first expert, which is alone.</summary>
    /// <param name="width">F.</param>
    public Tensor TakeRow(long width) => (_earlierRows is null ? zeros(width + 1) : _row.detach().clone()).DetachFromDisposeScope();

    /// <summary>Frees optimizer and row; the adapter stays.</summary>
    public void Dispose()
    {
        _optimizer.Dispose();
        _row.Dispose();
    }

    private void Take(PackedBatch batch, Tensor features, double rate, int step)
    {
        using var scope = NewDisposeScope();
        var weights = Mixture(features.index_select(0, tensor(Array.ConvertAll(batch.RowSamples, row => (long)row[0]))));   // (B, E)
        using var delta = new MixtureDelta(_earlier, weights, _adapter, batch.Length);
        var hidden = _context.Backbone.Encode(tensor(batch.InputIds, [batch.Rows, batch.Length]), ForwardOptions.Plain with { Delta = delta });
        var counted = Enumerable.Range(0, batch.Targets.Length).Where(at => batch.Targets[at] != PackedBatch.IgnoredTarget).Select(at => (long)at).ToArray();
        var targeted = hidden.view(-1, hidden.shape[^1]).index_select(0, tensor(counted));                                 // (M, D)
        var loss = nn.functional.cross_entropy(_context.Backbone.Head(targeted), tensor(Array.ConvertAll(counted, at => batch.Targets[at])));
        loss.backward();
        if (!double.IsFinite(loss.item<float>()))
        {
            throw new TrainingDivergedException(step, "The loss");
        }

        nn.utils.clip_grad_norm_(_earlierRows is null ? _adapter.Parameters : _adapter.Parameters.Append(_row), 1);
        _group.LearningRate = rate;
        _optimizer.step();
        _optimizer.zero_grad();
    }

    private Tensor Mixture(Tensor features) => _earlierRows is null
        ? ones(features.shape[0], 1)
        : Logits(features, cat([_earlierRows, _row.unsqueeze(0)], 0)).softmax(1);

    /// <summary>The frozen experts by their weights, and the newest with gradients of its own.</summary>
    private sealed class MixtureDelta : IProjectionDelta, IDisposable
    {
        private readonly AdapterBatch? _earlier;
        private readonly LoraAdapter _newest;
        private readonly Tensor _gate;

        public MixtureDelta(AdapterBank? earlier, Tensor weights, LoraAdapter newest, long tokens)
        {
            var experts = weights.shape[1];
            _earlier = earlier is null ? null : new AdapterBatch(earlier, weights.narrow(1, 0, experts - 1), tokens);
            _newest = newest;
            _gate = weights.narrow(1, experts - 1, 1).expand(-1, tokens).reshape(-1, 1);                // (B, 1) -> (N, 1)
        }

        public Tensor AddTo(string path, Tensor input, Tensor output)
        {
            var sum = _earlier?.AddTo(path, input, output) ?? output;
            return _newest.Layers.TryGetValue(path, out var layer)
                ? sum + (nn.functional.linear(nn.functional.linear(input, layer.A) * _gate, layer.B) * layer.Scale)   // (N, I) -> (N, O)
                : sum;
        }

        public void Dispose() => _earlier?.Dispose();
    }
}
