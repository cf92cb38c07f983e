namespace DyLoraMoe.Core.Data.SkillFamilies;

/// <summary>The brackets that close all that are open, innermost first.</summary>
internal sealed class BracketsFamily : ISkillFamily
{
    public string Name => "brackets";

    public string Description => "The brackets that close all that are open, innermost first.";

    public string Task => "Close";

    public IReadOnlyList<string> Markers { get; } = [@"\bClose:", @"[(\[{] [(\[{]", @"[)\]}] [)\]}]"];

    private const string Opening = "([{";
    private const string Closing = ")]}";

    public string Draw(SeededRandom random)
    {
        var text = new List<char>();
        var open = new Stack<int>();
        for (var left = random.Between(2, 8); left > 0 || open.Count == 0; left--)
        {
            if (open.Count > 1 && random.Chance(0.35))
            {
                text.Add(Closing[open.Pop()]);
                continue;
            }

            open.Push(random.Next(Opening.Length));
            text.Add(Opening[open.Peek()]);
        }

        return string.Join(' ', text);
    }

    public string Solve(string input)
    {
        var open = new Stack<char>();
        foreach (var bracket in input.Where(c => c != ' '))
        {
            if (Opening.Contains(bracket, StringComparison.Ordinal))
            {
                open.Push(Closing[Opening.IndexOf(bracket, StringComparison.Ordinal)]);
            }
            else
            {
                open.Pop();
            }
        }

        return string.Join(' ', open);
    }
}
