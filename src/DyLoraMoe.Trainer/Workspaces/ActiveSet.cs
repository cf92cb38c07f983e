using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using DyLoraMoe.Artifacts;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Routing;
using DyLoraMoe.Core.Safetensors;
using DyLoraMoe.Trainer.CommandLine;
using static TorchSharp.torch;

namespace DyLoraMoe.Trainer.Workspaces;

/// <summary>What serves together: the document that names it all by digest.</summary>
/// <param name="Backbone">Digest of the backbone.</param>
/// <param name="Experts">The experts, in any order: the router's own names say whose a weight is.</param>
/// <param name="Router">Digest of the router.</param>
internal sealed record SetDocument(string Backbone, IReadOnlyList<SetExpert> Experts, string Router)
{
    private const string FileName = "set.json";

    /// <summary>The experts' digests by name.</summary>
    [JsonIgnore]
    public IReadOnlyDictionary<string, string> Digests => new SortedDictionary<string, string>(Experts.ToDictionary(expert => expert.Name, expert => expert.Digest), StringComparer.Ordinal);

    /// <summary>Publishes the document.</summary>
    /// <returns>The set's digest: its revision.</returns>
    public string Publish(ArtifactStore store) => store.Publish(ArtifactKind.Set, folder => AtomicFile.WriteText(Path.Combine(folder, FileName), JsonText.Of(this)));

    /// <summary>A digest of the document as some router options serve it.</summary>
    public string Digest(RouterOptions? options) =>
        ArtifactDigest.Prefix + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(JsonText.Of(this) + JsonText.Of(options))));

    /// <summary>Reads a published document.</summary>
    public static SetDocument Open(ArtifactStore store, string digest) => JsonText.Read<SetDocument>(Path.Combine(store.Open(ArtifactKind.Set, digest), FileName));
}

/// <summary>A set with what its router is to do differently.</summary>
/// <param name="Document">The set.</param>
/// <param name="Options">How the router turns scores into weights; null for what it was fitted with.</param>
internal sealed record PlacedSet(SetDocument Document, RouterOptions? Options);

/// <summary>One expert of a set.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Digest">Its artifact.</param>
/// <param name="Mode">Where it acts.</param>
/// <param name="Rank">Width of its update.</param>
/// <param name="Maturity">From 0 to 1; 1 is mature.</param>
internal sealed record SetExpert(string Name, string Digest, AdapterMode Mode, int Rank, double Maturity);

/// <summary>A set in memory: its router and its experts on the backbone's device.</summary>
internal sealed class ActiveSet : IDisposable
{
    private readonly IReadOnlyList<LoraAdapter> _adapters;
    private readonly AdapterBank? _bank;

    private ActiveSet(string digest, SetDocument document, DynamicHybridRouter router, IReadOnlyList<LoraAdapter> adapters)
    {
        Digest = digest;
        Document = document;
        Router = router;
        _adapters = adapters;
        _bank = adapters.Count > 0 ? new AdapterBank(adapters) : null;
    }

    /// <summary>The set's revision.</summary>
    public string Digest { get; }

    /// <summary>What it is made of.</summary>
    public SetDocument Document { get; }

    /// <summary>Chooses experts for a prompt.</summary>
    public DynamicHybridRouter Router { get; }

    /// <summary>The experts side by side; null when there are none.</summary>
    public AdapterBank? Bank => _bank;

    /// <summary>Loads a set, all of it or nothing.</summary>
    /// <param name="store">Where from.</param>
    /// <param name="digest">Its revision.</param>
    /// <param name="set">What it is made of.</param>
    /// <param name="model">The backbone.</param>
    /// <param name="identity">What its router must belong to.</param>
    /// <exception cref="InvalidDataException">The router was fitted for other experts.</exception>
    public static ActiveSet Load(ArtifactStore store, string digest, PlacedSet set, CausalLanguageModel model, RouterIdentity identity)
    {
        var document = set.Document;
        var adapters = new List<LoraAdapter>();
        var router = DynamicHybridRouter.Load(store.Open(ArtifactKind.Router, document.Router), identity);
        try
        {
            var members = document.Experts.ToDictionary(expert => expert.Name, StringComparer.Ordinal);
            if (!members.Keys.ToHashSet(StringComparer.Ordinal).SetEquals(router.Experts.Select(expert => expert.Name)))
            {
                throw new InvalidDataException(
                    $"Router {document.Router} was fitted for the experts {string.Join(", ", router.Experts.Select(expert => expert.Name))}; the set has {string.Join(", ", members.Keys)}. Fit a router for the set.");
            }

            // A bank's places are the router's weights.
            foreach (var expert in router.Experts)
            {
                adapters.Add(PeftFolder.Load(store.Open(ArtifactKind.Expert, members[expert.Name].Digest), model));
            }

            if (set.Options is { } options && options != router.Options)
            {
                using var fitted = router;
                router = fitted.WithOptions(options);
            }

            return new ActiveSet(digest, document, router, adapters);
        }
        catch
        {
            router.Dispose();
            adapters.ForEach(adapter => adapter.Dispose());
            throw;
        }
    }

    /// <summary>Each prompt's weights, one row of one weight per expert.</summary>
    /// <param name="features">Features of the prompts, (B, F).</param>
    public float[][] Weights(Tensor features) => WeightsBy(Router, features);

    /// <summary>Each prompt's weights by another router for the same experts, whatever their order there.</summary>
    /// <param name="router">The router.</param>
    /// <param name="features">Features of the prompts, (B, F).</param>
    public float[][] WeightsBy(DynamicHybridRouter router, Tensor features)
    {
        if (_bank is null)
        {
            return [.. Enumerable.Repeat(Array.Empty<float>(), (int)features.shape[0])];
        }

        using var scope = NewDisposeScope();
        var places = Router.Experts.Select(expert => router.IndexOf(expert.Name)).ToArray();
        return [.. router.Weights(features).cpu().data<float>().ToArray().Chunk(_adapters.Count).Select(row => Array.ConvertAll(places, place => row[place]))];
    }

    /// <summary>Held-out losses of samples as this set serves them.</summary>
    /// <param name="evaluator">Scores them.</param>
    /// <param name="samples">The samples.</param>
    /// <param name="features">Features of their prompts, in their order.</param>
    /// <param name="cancellation">Stops between batches.</param>
    public EvaluationReport Evaluate(LanguageModelEvaluator evaluator, IReadOnlyList<Core.Data.TokenizedSample> samples, Tensor features, CancellationToken cancellation) =>
        Evaluate(evaluator, samples, Weights(features), cancellation);

    /// <summary>Losses of samples with weights that are given.</summary>
    /// <param name="evaluator">Scores them.</param>
    /// <param name="samples">The samples.</param>
    /// <param name="weights">Their weights, in their order.</param>
    /// <param name="cancellation">Stops between batches.</param>
    public EvaluationReport Evaluate(LanguageModelEvaluator evaluator, IReadOnlyList<Core.Data.TokenizedSample> samples, float[][] weights, CancellationToken cancellation) =>
        _bank is null
            ? evaluator.Evaluate(EvaluationSet.OfSamples(samples), cancellation: cancellation)
            : evaluator.Evaluate(EvaluationSet.OfSamples(samples), _bank, weights, cancellation);

    /// <summary>Frees the experts and the router.</summary>
    public void Dispose()
    {
        _bank?.Dispose();
        foreach (var adapter in _adapters)
        {
            adapter.Dispose();
        }

        Router.Dispose();
    }
}
