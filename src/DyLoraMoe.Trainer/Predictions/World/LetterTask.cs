namespace DyLoraMoe.Trainer.Predictions.World;

/// <summary>One or two operations, one after the other, on a row of letters.</summary>
/// <param name="Operations">The operations, in order.</param>
/// <param name="Letters">The row.</param>
internal sealed record LetterTask(IReadOnlyList<LetterOperation> Operations, IReadOnlyList<string> Letters)
{
    private const string Then = "then";
    private const string On = ":";

    /// <summary>What is asked, as it stands in a prompt: <c>reverse then star : a b c</c>.</summary>
    public string Text => $"{string.Join($" {Then} ", Operations.Select(operation => operation.Name))} {On} {string.Join(' ', Letters)}";

    /// <summary>The only right answer.</summary>
    public string Answer => string.Join(' ', Operations.Aggregate(Letters.ToArray(), (row, operation) => operation.Apply(row)));

    /// <summary>Names of the operations, for comparing tasks.</summary>
    public string Behaviour => string.Join(' ', Operations.Select(operation => operation.Name));

    /// <summary>Reads <see cref="Text"/>; null for anything else.</summary>
    public static LetterTask? Parse(string text)
    {
        if (text.Split($" {On} ") is not [var asked, var row])
        {
            return null;
        }

        var operations = asked.Split($" {Then} ").Select(LetterOperation.Find).ToList();
        var letters = row.Split(' ');
        return operations.Count is 1 or 2 && operations.TrueForAll(operation => operation is not null)
            && letters.Length >= 3 && Array.TrueForAll(letters, letter => letter.Length == 1 && char.IsAsciiLetterLower(letter[0]))
            ? new LetterTask([.. operations.OfType<LetterOperation>()], letters)
            : null;
    }

    /// <summary>
    /// What a verifier that knows the rules only in part can say of an answer: whether it is as long as it must be, and has no letter that was not there, nor a star
    /// that nobody asked for. It does not know in which order they belong.
    /// </summary>
    /// <param name="answer">The answer.</param>
    public bool IsPlausible(string answer)
    {
        var row = answer.Trim().Split(' ');
        var stars = row.Count(letter => letter == LetterOperation.Star);
        return row.Length == Letters.Count + Operations.Sum(operation => operation.Longer)
            && Array.TrueForAll(row, letter => letter == LetterOperation.Star || Letters.Contains(letter))
            && stars <= Operations.Count(operation => operation.Name == "star");
    }
}
