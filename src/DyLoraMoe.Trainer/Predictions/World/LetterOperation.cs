namespace DyLoraMoe.Trainer.Predictions.World;

/// <summary>Something that is done to a row of letters.</summary>
/// <param name="Name">How prompts call it.</param>
/// <param name="Longer">By how many letters its result is longer.</param>
/// <param name="Apply">Does it.</param>
internal sealed record LetterOperation(string Name, int Longer, Func<string[], string[]> Apply)
{
    /// <summary>What <c>star</c> puts at the end.</summary>
    public const string Star = "*";

    /// <summary>All of them. Each has a result for every row of two letters or more.</summary>
    public static IReadOnlyList<LetterOperation> All { get; } =
    [
        new("reverse", 0, row => [.. row.Reverse()]),
        new("rotate", 0, row => [.. row[1..], row[0]]),
        new("chop", -1, row => row[..^1]),
        new("star", 1, row => [.. row, Star]),
    ];

    /// <summary>The one of that name; null for none.</summary>
    public static LetterOperation? Find(string name) => All.FirstOrDefault(operation => operation.Name == name);
}
