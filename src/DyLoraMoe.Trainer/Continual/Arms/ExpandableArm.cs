using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Features;
using DyLoraMoe.Trainer.Continual.Streams;
using static TorchSharp.torch;

namespace DyLoraMoe.Trainer.Continual.Arms;

/// <summary>
/// A set that expands when its descriptors do not know what they see, after <see href="https://arxiv.org/abs/2403.18886">SEMA</see>:
/// per expert an adapter, an autoencoder of features and one row of a router, all frozen after the visit that made them. A visit
/// makes an expert when the least of the descriptors' mean z-scores exceeds the threshold; otherwise the set is used as it is.
/// Experts are mixed by softmax. Where SEMA decides layer by layer, here one decision holds for the whole network.
/// </summary>
/// <remarks>Shapes: N samples, F features, E experts.</remarks>
internal sealed class ExpandableArm : INoveltyProbe, IRoutingArm
{
    // The order of magnitude of the authors' configurations; looked at no data.
    private const double Threshold = 1;

    private readonly ArmContext _context;
    private readonly FeatureExtractor _extractor;
    private readonly List<Expert> _experts = [];
    private Tensor? _mean;
    private Tensor? _deviation;
    private AdapterBank? _bank;

    /// <summary>An empty set.</summary>
    public ExpandableArm(ArmContext context) => (_context, _extractor) = (context, new FeatureExtractor(context.Backbone));

    public long AddedParameters => _experts.Sum(expert => expert.Adapter.Parameters.Sum(parameter => parameter.numel()) + expert.Descriptor.Parameters + _extractor.Width + 1);

    public int Experts => _experts.Count;

    public IReadOnlyList<int> CreatedAt => [.. _experts.Select(expert => expert.Stage)];

    public Learnt Learn(SkillVisit visit, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        var features = Features(visit.TrainTokens, cancellation);
        var distance = Distance(features);
        if (distance <= Threshold)
        {
            return new Learnt(0, $"known (z {distance:0.00})");
        }

        var adapter = LoraAdapter.Create(
            _context.Backbone, new LoraConfig { Rank = _context.Settings.Rank, Alpha = 2 * _context.Settings.Rank }, (long)_context.Seed + visit.Stage);
        using var training = new ExpansionTraining(_context, _bank, Router(), adapter);
        var tokens = training.Run(visit, features, cancellation);
        _experts.Add(new Expert(visit.Stage, adapter, SkillDescriptor.Fit(features, (long)_context.Seed + visit.Stage), training.TakeRow(_extractor.Width)));
        _bank?.Dispose();
        _bank = new AdapterBank([.. _experts.Select(expert => expert.Adapter)]);
        return new Learnt(tokens, $"new expert (z {distance:0.00})");
    }

    public Answerer AnswererFor(string skill, IReadOnlyList<TokenizedSample> samples)
    {
        if (_bank is null)
        {
            return new Answerer(_context.Backbone, Answerer.Backbone);
        }

        using var scope = NewDisposeScope();
        var flat = Weights(samples).data<float>().ToArray();
        return new Answerer(_context.Backbone, $"{_context.Identity}/{Experts}", _bank, [.. flat.Chunk(Experts)]);
    }

    public IReadOnlyList<int> Route(IReadOnlyList<TokenizedSample> samples)
    {
        if (_bank is null)
        {
            return [.. samples.Select(_ => -1)];
        }

        using var scope = NewDisposeScope();
        return [.. Weights(samples).argmax(1).data<long>().ToArray().Select(expert => (int)expert)];
    }

    public NoveltyVerdict Judge(IReadOnlyList<Sample> samples, IReadOnlyList<TokenizedSample> tokens)
    {
        using var scope = NewDisposeScope();
        var distance = Distance(Features(tokens, CancellationToken.None));
        return new NoveltyVerdict(distance, distance > Threshold);
    }

    public void Dispose()
    {
        _bank?.Dispose();
        _mean?.Dispose();
        _deviation?.Dispose();
        _extractor.Dispose();
        foreach (var expert in _experts)
        {
            expert.Dispose();
        }
    }

    // Normalised by what came first, so that an old expert keeps seeing what it was trained on.
    private Tensor Features(IReadOnlyList<TokenizedSample> samples, CancellationToken cancellation)
    {
        using var features = _extractor.Of(samples, cancellation: cancellation);                 // (N, F)
        _mean ??= features.mean([0]).DetachFromDisposeScope();
        _deviation ??= features.std(0, unbiased: false).clamp_min(1e-3).DetachFromDisposeScope();
        return ((features - _mean) / _deviation).clamp(-10, 10);
    }

    private double Distance(Tensor features) => _experts.Count == 0 ? double.MaxValue : _experts.Min(expert => expert.Descriptor.Distance(features));

    private Tensor? Router() => _experts.Count == 0 ? null : stack([.. _experts.Select(expert => expert.Row)]);        // (E, F + 1)

    private Tensor Weights(IReadOnlyList<TokenizedSample> samples)
    {
        using var _ = no_grad();
        return ExpansionTraining.Logits(Features(samples, CancellationToken.None), Router()!).softmax(1);             // (N, E)
    }

    private sealed record Expert(int Stage, LoraAdapter Adapter, SkillDescriptor Descriptor, Tensor Row) : IDisposable
    {
        public void Dispose()
        {
            Adapter.Dispose();
            Descriptor.Dispose();
            Row.Dispose();
        }
    }
}
