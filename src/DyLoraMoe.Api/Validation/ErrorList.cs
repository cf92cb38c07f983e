using System.Globalization;

namespace DyLoraMoe.Api.Validation;

/// <summary>Errors as they are found, with the ways of finding them that all kinds share.</summary>
internal sealed class ErrorList : List<FieldError>
{
    private const int MostShown = 64;

    public void Add(string path, string expected, string found, string advice) => Add(new FieldError(path, expected, found, advice));

    /// <summary>Exactly one of several parts must be there.</summary>
    public void ExactlyOne(string path, params ReadOnlySpan<(string Name, object? Value)> parts)
    {
        var names = new List<string>();
        var present = new List<string>();
        foreach (var (name, value) in parts)
        {
            names.Add(name);
            if (value is not null)
            {
                present.Add(name);
            }
        }

        if (present.Count != 1)
        {
            Add(path, "exactly one of " + Join(names), present.Count == 0 ? "none" : Join(present), present.Count == 0 ? "add one of them" : "keep one of them");
        }
    }

    /// <summary>The same parts of a union must be there as before.</summary>
    public void SameParts(string path, params ReadOnlySpan<(string Name, object? Old, object? Now)> parts)
    {
        foreach (var (name, old, now) in parts)
        {
            if (old is null != now is null)
            {
                var verb = old is null ? "added" : "removed";
                Add(path, "the same kind of place as before", $"{name} {verb}", "put it back; another place of another kind is another resource");
                return;
            }
        }
    }

    /// <summary>A value must be what it was.</summary>
    public void Immutable(string path, object? old, object? now, string why)
    {
        if (!Equals(old, now))
        {
            Add(path, "no change from " + Show(old), Show(now), "put it back: " + why);
        }
    }

    /// <summary>A number that is written as text must lie in a range. Text that is no number is left to its pattern.</summary>
    public void Number(string path, string? text, Func<double, bool> holds, string range)
    {
        if (text is not null && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && !holds(number))
        {
            Add(path, "a number " + range, Show(text), "choose one in this range");
        }
    }

    /// <summary>A value as a person sees it, cut when it is long.</summary>
    public static string Show(object? value)
    {
        var text = value switch
        {
            null => "nothing",
            string s => $"\"{s}\"",
            IFormattable f => f.ToString(null, CultureInfo.InvariantCulture),
            _ => value.ToString() ?? "",
        };
        return text.Length <= MostShown ? text : text[..MostShown] + "...";
    }

    private static string Join(List<string> names) => names.Count < 2 ? string.Concat(names) : string.Join(", ", names.Take(names.Count - 1)) + " and " + names[^1];
}
