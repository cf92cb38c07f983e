using System.Globalization;
using System.Text;

namespace DyLoraMoe.Core.Tokenization.Normalization;

/// <summary>
/// Unicode normalization forms C and D. The runtime's own does nothing in invariant-globalization mode,
/// and containers often have no ICU, so the tables come along.
/// </summary>
internal static class CanonicalComposition
{
    private const int HangulSyllable = 0xAC00;
    private const int HangulLead = 0x1100;
    private const int HangulVowel = 0x1161;
    private const int HangulTail = 0x11A7;
    private const int HangulVowels = 21;
    private const int HangulTails = 28;
    private const int HangulLeads = 19;
    private const int HangulSyllables = HangulLeads * HangulVowels * HangulTails;

    private static readonly Tables Data = Tables.Read();

    /// <summary>Form C: canonical decomposition, then composition.</summary>
    public static string Compose(string text)
    {
        // Nothing below U+0300 combines with anything, and precomposed Latin is already composed.
        if (text.AsSpan().IndexOfAnyInRange('\u0300', '\uFFFF') < 0)
        {
            return text;
        }

        var (points, classes) = DecomposeAndOrder(text);
        return Write(points, ComposeInPlace(points, classes));
    }

    /// <summary>Form D: canonical decomposition.</summary>
    public static string Decompose(string text)
    {
        if (text.AsSpan().IndexOfAnyInRange('\u00C0', '\uFFFF') < 0)
        {
            return text;
        }

        var (points, _) = DecomposeAndOrder(text);
        return Write(points, points.Count);
    }

    private static (List<int> Points, List<byte> Classes) DecomposeAndOrder(string text)
    {
        List<int> points = new(text.Length + 16);
        foreach (var rune in text.EnumerateRunes())
        {
            AddDecomposition(rune.Value, points);
        }

        List<byte> classes = new(points.Count);
        foreach (var point in points)
        {
            classes.Add(Data.Classes.GetValueOrDefault(point));
        }

        for (var start = 0; start < points.Count; start++)
        {
            if (classes[start] == 0)
            {
                continue;
            }

            var end = start + 1;
            while (end < points.Count && classes[end] != 0)
            {
                end++;
            }

            SortMarks(points, classes, start, end);
            start = end;
        }

        return (points, classes);
    }

    private static void AddDecomposition(int point, List<int> points)
    {
        var syllable = point - HangulSyllable;
        if ((uint)syllable < HangulSyllables)
        {
            points.Add(HangulLead + (syllable / (HangulVowels * HangulTails)));
            points.Add(HangulVowel + (syllable % (HangulVowels * HangulTails) / HangulTails));
            if (syllable % HangulTails != 0)
            {
                points.Add(HangulTail + (syllable % HangulTails));
            }
        }
        else if (point >= 0xC0 && Data.Decompositions.TryGetValue(point, out var parts))
        {
            AddDecomposition(parts.First, points);
            if (parts.Second != 0)
            {
                AddDecomposition(parts.Second, points);
            }
        }
        else
        {
            points.Add(point);
        }
    }

    /// <summary>Orders a run of marks by class, keeping the order within a class.</summary>
    private static void SortMarks(List<int> points, List<byte> classes, int start, int end)
    {
        if (end - start < 2)
        {
            return;
        }

        var marks = new (int Point, byte Class)[end - start];
        for (var i = start; i < end; i++)
        {
            marks[i - start] = (points[i], classes[i]);
        }

        var at = start;
        foreach (var (point, combiningClass) in marks.OrderBy(mark => mark.Class))
        {
            points[at] = point;
            classes[at++] = combiningClass;
        }
    }

    private static int ComposeInPlace(List<int> points, List<byte> classes)
    {
        var length = 0;
        var starter = -1;
        var lastClass = 0;
        for (var i = 0; i < points.Count; i++)
        {
            int combiningClass = classes[i];
            var adjacent = starter == length - 1;
            if (starter >= 0 && (adjacent || (lastClass != 0 && lastClass < combiningClass)) && TryPair(points[starter], points[i], out var composed))
            {
                points[starter] = composed;
                continue;
            }

            if (combiningClass == 0)
            {
                starter = length;
            }

            lastClass = combiningClass;
            points[length++] = points[i];
        }

        return length;
    }

    private static bool TryPair(int first, int second, out int composed)
    {
        if ((uint)(first - HangulLead) < HangulLeads && (uint)(second - HangulVowel) < HangulVowels)
        {
            composed = HangulSyllable + ((((first - HangulLead) * HangulVowels) + second - HangulVowel) * HangulTails);
            return true;
        }

        var syllable = first - HangulSyllable;
        if ((uint)syllable < HangulSyllables && syllable % HangulTails == 0 && second > HangulTail && second < HangulTail + HangulTails)
        {
            composed = first + second - HangulTail;
            return true;
        }

        return Data.Compositions.TryGetValue((first, second), out composed);
    }

    private static string Write(List<int> points, int count)
    {
        StringBuilder text = new(count + 16);
        Span<char> pair = stackalloc char[2];
        for (var i = 0; i < count; i++)
        {
            text.Append(pair[..new Rune(points[i]).EncodeToUtf16(pair)]);
        }

        return text.ToString();
    }

    private sealed record Tables(
        Dictionary<int, (int First, int Second)> Decompositions,
        Dictionary<(int First, int Second), int> Compositions,
        Dictionary<int, byte> Classes)
    {
        public static Tables Read()
        {
            Tables tables = new([], [], []);
            const string Resource = "DyLoraMoe.Core.Tokenization.Normalization.canonical.txt";
            using var stream = typeof(CanonicalComposition).Assembly.GetManifestResourceStream(Resource)
                ?? throw new InvalidOperationException($"The assembly lacks its resource {Resource}; build it again.");
            using StreamReader reader = new(stream);
            while (reader.ReadLine() is { } line)
            {
                if (line.StartsWith('#'))
                {
                    continue;
                }

                if (line.Contains("..", StringComparison.Ordinal))
                {
                    tables.AddClasses(line);
                }
                else
                {
                    tables.AddDecomposition(line);
                }
            }

            return tables;
        }

        private static int Hex(ReadOnlySpan<char> digits) => int.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

        private void AddClasses(string line)
        {
            var dots = line.IndexOf("..", StringComparison.Ordinal);
            var equals = line.IndexOf('=', StringComparison.Ordinal);
            var combiningClass = byte.Parse(line.AsSpan(equals + 1), CultureInfo.InvariantCulture);
            for (var point = Hex(line.AsSpan(0, dots)); point <= Hex(line.AsSpan(dots + 2, equals - dots - 2)); point++)
            {
                Classes[point] = combiningClass;
            }
        }

        private void AddDecomposition(string line)
        {
            var excluded = line[0] == '!';
            var parts = line[(excluded ? 1 : 0)..].Split(' ');
            var point = Hex(parts[0]);
            (int First, int Second) pair = (Hex(parts[1]), parts.Length > 2 ? Hex(parts[2]) : 0);
            Decompositions[point] = pair;
            if (!excluded)
            {
                Compositions[pair] = point;
            }
        }
    }
}
