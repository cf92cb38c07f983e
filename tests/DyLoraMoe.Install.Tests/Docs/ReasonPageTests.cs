using System.Reflection;
using System.Text.RegularExpressions;
using DyLoraMoe.Api.Conditions;

namespace DyLoraMoe.Install.Tests.Docs;

/// <summary>Whoever looks a reason up finds it.</summary>
public sealed partial class ReasonPageTests
{
    [Fact]
    public void Every_reason_of_a_condition_is_there_exactly_once()
    {
        var reasons = typeof(Reasons).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetRawConstantValue()!).Order(StringComparer.Ordinal);

        var found = Row().Matches(Page.Read("docs/operations/troubleshooting.md").Text).Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal);

        Assert.Equal(reasons, found);
    }

    [Fact]
    public void Every_reason_has_a_meaning_something_to_look_at_and_something_to_do() =>
        Assert.All(Row().Matches(Page.Read("docs/operations/troubleshooting.md").Text), match =>
        {
            var cells = match.Value.Split('|', StringSplitOptions.TrimEntries)[1..^1];
            Assert.True(cells.Length == 4 && cells.All(cell => cell.Length > 0), match.Value);
        });

    [GeneratedRegex("^\\| `([A-Z][A-Za-z]+)` \\|.*$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
