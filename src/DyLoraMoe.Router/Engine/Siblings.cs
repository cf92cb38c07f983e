namespace DyLoraMoe.Router.Engine;

/// <summary>Choices of one request that answer the same prompt, which is read once for all of them. Belongs to the engine's thread.</summary>
/// <param name="count">How many.</param>
internal sealed class Siblings(int count)
{
    /// <summary>How many have had no slot so far and are not given up.</summary>
    public int ToCome { get; private set; } = count;

    /// <summary>What was read of their prompt; null before the first of them has a slot, and when that has failed.</summary>
    public SequenceReading? Reading { get; set; }

    /// <summary>One has a slot, or is given up.</summary>
    public void Leave() => ToCome--;

    /// <summary>Finds those of a request.</summary>
    /// <param name="requests">The request's sequences.</param>
    /// <returns>For each of them those that it belongs to; null for one that is alone.</returns>
    public static IReadOnlyList<Siblings?> Among(IReadOnlyList<GenerationRequest> requests)
    {
        var families = requests.GroupBy(KeyOf).Where(group => group.Count() > 1).ToDictionary(group => group.Key, group => new Siblings(group.Count()));
        return [.. requests.Select(request => families.GetValueOrDefault(KeyOf(request)))];
    }

    // All that decides about how a prompt is read; what it holds is one array for all choices.
    private static (int[] Prompt, ExpertChoice Choice, BarePrompt? Bare, bool IsNamed, int? Top) KeyOf(GenerationRequest request) =>
        (request.Prompt, request.Choice, request.Bare, request.NamesPrompt, request.Settings.TopLogprobs);
}
