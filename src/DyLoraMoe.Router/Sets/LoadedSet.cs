using DyLoraMoe.Api;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Features;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Novelty;
using DyLoraMoe.Core.Routing;
using DyLoraMoe.Core.Tokenization;
using DyLoraMoe.Router.Engine;
using DyLoraMoe.Router.Traffic;

namespace DyLoraMoe.Router.Sets;

/// <summary>A set, whole and checked: what the engine serves. It never changes.</summary>
internal sealed class LoadedSet : IDisposable
{
    public required SetRevision Document { get; init; }

    /// <summary>Digest of the document.</summary>
    public required string Revision { get; init; }

    /// <summary>Digest of the backbone that was found.</summary>
    public required string BackboneDigest { get; init; }

    public required CausalLanguageModel Model { get; init; }

    public required TextTokenizer Tokenizer { get; init; }

    /// <summary>The experts, in the order of the document.</summary>
    public required IReadOnlyList<LoadedExpert> Experts { get; init; }

    /// <summary>Chooses experts; null when there are none.</summary>
    public DynamicHybridRouter? Router { get; init; }

    /// <summary>Judges how new prompts look; null when the router came without a map of the skills.</summary>
    public PromptNovelty? Novelty { get; init; }

    /// <summary>Watches how new prompts look; null when there is nothing that they could drift away from.</summary>
    public TrafficMonitor? Traffic { get; init; }

    /// <summary>Makes features of prompts; forked for each.</summary>
    public required FeaturePooler Pooler { get; init; }

    /// <summary>Tokens that end an answer.</summary>
    public required IReadOnlySet<int> EndTokens { get; init; }

    /// <summary>The texts of the tokens.</summary>
    public required AnswerTexts Texts { get; init; }

    /// <summary>Hands out their factors.</summary>
    public required ExpertPool Pool { get; init; }

    /// <summary>Which expert has this name; negative when none has.</summary>
    public int IndexOf(string expert)
    {
        for (var index = 0; index < Experts.Count; index++)
        {
            if (Experts[index].Member.Name == expert)
            {
                return index;
            }
        }

        return -1;
    }

    public void Dispose()
    {
        Traffic?.Dispose();
        Novelty?.Dispose();
        Router?.Dispose();
        Pooler.Dispose();
        Pool.Dispose();
        Model.Dispose();
    }
}

/// <summary>An expert that was found to be what the document says.</summary>
/// <param name="Member">What the document says of it.</param>
/// <param name="Folder">Its artifact.</param>
/// <param name="Config">Its shape.</param>
/// <param name="Bytes">What it takes in memory.</param>
internal sealed record LoadedExpert(SetMember Member, string Folder, LoraConfig Config, long Bytes);
