using System.Globalization;

namespace DyLoraMoe.Sandbox.Controllers.Jobs;

/// <summary>Completion indexes as a Job's status writes them: 0,2-5,7.</summary>
internal static class IndexSet
{
    public static SortedSet<int> Parse(string? text)
    {
        var indexes = new SortedSet<int>();
        foreach (var part in (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var ends = part.Split('-');
            for (var index = Number(ends[0]); index <= Number(ends[^1]); index++)
            {
                indexes.Add(index);
            }
        }

        return indexes;
    }

    public static string Text(IReadOnlySet<int> indexes)
    {
        var runs = new List<(int First, int Last)>();
        foreach (var index in indexes.Order())
        {
            if (runs.Count > 0 && runs[^1].Last == index - 1)
            {
                runs[^1] = (runs[^1].First, index);
            }
            else
            {
                runs.Add((index, index));
            }
        }

        return string.Join(',', runs.Select(run => run.First == run.Last ? $"{run.First}" : $"{run.First}-{run.Last}"));
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
