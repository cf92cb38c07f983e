using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Routing;
using DyLoraMoe.Router.Sets;
using static TorchSharp.torch;

namespace DyLoraMoe.Router.Engine;

/// <summary>Decides which experts answer a prompt, from its features and what the request asks for.</summary>
internal sealed class ExpertRouting(LoadedSet set)
{
    private readonly int[] _places = [.. set.Experts.Select(expert => set.Router?.IndexOf(expert.Member.Name) ?? -1)];

    /// <summary>The decision for one prompt.</summary>
    /// <param name="features">Its features, (1, F).</param>
    /// <param name="choice">What the request asks for.</param>
    public RoutingDecision Decide(Tensor features, ExpertChoice choice)
    {
        using var scope = NewDisposeScope();
        var onHost = features.cpu();
        if (set.Router is not { } router)
        {
            return new RoutingDecision("backbone", [], 1, null, null);
        }

        var probabilities = router.Probabilities(onHost).data<float>().ToArray();
        var weights = router.Weights(onHost).data<float>().ToArray();
        return new RoutingDecision(
            ModeOf(choice, router.Mode.Kind),
            [.. set.Experts.Select((expert, index) => new ExpertShare(expert.Member.Name, probabilities[_places[index] + 1], WeightOf(choice, expert.Member.Name, weights[_places[index]])))],
            probabilities[0],
            router.Entropy(onHost).data<float>()[0],
            set.Novelty?.Of(onHost)[0]);
    }

    /// <summary>Where in the prompt each expert that takes part begins to act; those that were never invoked take no part.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="decision">The decision.</param>
    public (float[] Weights, int[] Starts) Invoked(int[] prompt, RoutingDecision decision)
    {
        var weights = decision.Experts.Select(expert => (float)expert.Weight).ToArray();
        var starts = new int[weights.Length];
        for (var index = 0; index < weights.Length; index++)
        {
            starts[index] = weights[index] == 0 ? InvocationPoint.Never : InvocationPoint.Of(set.Experts[index].Config, prompt, prompt.Length);
            weights[index] = starts[index] == InvocationPoint.Never ? 0 : weights[index];
        }

        return (weights, starts);
    }

    private static double WeightOf(ExpertChoice choice, string name, float weight) => choice.Kind switch
    {
        ExpertChoiceKind.Routed => weight,
        ExpertChoiceKind.Forced when choice.Expert == name => 1,
        _ => 0,
    };

    private static string ModeOf(ExpertChoice choice, RoutingModeKind kind) => choice.Kind switch
    {
        ExpertChoiceKind.Forced => "forced",
        ExpertChoiceKind.Backbone => "backbone",
        _ => kind switch
        {
            RoutingModeKind.Dense => "dense",
            RoutingModeKind.Blended => "blended",
            _ => "sparse",
        },
    };
}
