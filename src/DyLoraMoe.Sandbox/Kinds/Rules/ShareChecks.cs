using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Schemas;

namespace DyLoraMoe.Sandbox.Kinds;

/// <summary>What makes a number of pods, or a share of them in percent, invalid.</summary>
internal static partial class ShareChecks
{
    /// <summary>Checks a number or share where there is one.</summary>
    public static void Check(JsonNode? value, string path, List<FieldError> errors)
    {
        if (value.Text() is { } text && !Percent().IsMatch(text))
        {
            errors.Add(FieldError.Invalid(path, text, "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"));
        }
        else if (value.Whole() is < 0 and { } number)
        {
            errors.Add(FieldError.Invalid(path, number, "must be greater than or equal to 0"));
        }
    }

    /// <summary>Checks that a share is not more than everything.</summary>
    public static void AtMostAll(JsonNode? value, string path, List<FieldError> errors)
    {
        if (value.Text() is { } text && Percent().IsMatch(text) && text.TrimStart('0').Length > 3 && text.TrimStart('0') != "100%")
        {
            errors.Add(FieldError.Invalid(path, text, "must not be greater than 100%"));
        }
    }

    /// <summary>Whether it is 0.</summary>
    public static bool IsNone(JsonNode? value) => value.Whole() == 0 || (value.Text() is { } text && Percent().IsMatch(text) && text.TrimStart('0') == "%");

    [GeneratedRegex(@"^[0-9]+%\z")]
    private static partial Regex Percent();
}
