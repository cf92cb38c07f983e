using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Routing;
using DyLoraMoe.Router.Sets;
using static TorchSharp.torch;

namespace DyLoraMoe.Router.Engine;

/// <summary>Decides which experts answer a prompt, from its features and what the request asks for.</summary>
internal sealed class ExpertRouting(LoadedSet set)
{
    private readonly int[] _places = [.. set.Experts.Select(expert => set.Router?.IndexOf(expert.Member.Name) ?? -1)];

    /// <summary>The decision for one prompt. An expert whose invocation sequence the prompt does not have takes no part, whoever chose it.</summary>
    /// <param name="features">Its features, (1, F).</param>
    /// <param name="choice">What the request asks for.</param>
    /// <param name="prompt">The prompt as it is answered.</param>
    public RoutingDecision Decide(Tensor features, ExpertChoice choice, int[] prompt)
    {
        using var scope = NewDisposeScope();
        var onHost = features.cpu();
        if (set.Router is not { } router)
        {
            return new RoutingDecision("backbone", [], 1, null, null);
        }

        var probabilities = router.Probabilities(onHost).data<float>().ToArray();
        var weights = router.Weights(onHost).data<float>().ToArray();
        var starts = StartsIn(prompt);
        return new RoutingDecision(
            ModeOf(choice, router.Mode.Kind),
            [.. set.Experts.Select((expert, index) => new ExpertShare(expert.Member.Name, probabilities[_places[index] + 1], WeightOf(index)))],
            probabilities[0],
            router.Entropy(onHost).data<float>()[0],
            set.Novelty?.Of(onHost)[0]);

        double WeightOf(int index) => choice.Kind switch
        {
            _ when starts[index] == InvocationPoint.Never => 0,
            ExpertChoiceKind.Routed => weights[_places[index]],
            ExpertChoiceKind.Forced when choice.Expert == set.Experts[index].Member.Name => 1,
            _ => 0,
        };
    }

    /// <summary>Where in a prompt each expert would begin to act, or <see cref="InvocationPoint.Never"/>.</summary>
    /// <param name="prompt">The prompt as it is answered.</param>
    public int[] StartsIn(int[] prompt) => [.. set.Experts.Select(expert => InvocationPoint.Of(expert.Config, prompt, prompt.Length))];

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
