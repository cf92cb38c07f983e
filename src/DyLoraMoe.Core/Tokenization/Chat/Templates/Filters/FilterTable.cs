namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Filters;

/// <summary>Every filter by its name.</summary>
internal static class FilterTable
{
    private static readonly Dictionary<string, FilterFunction> Filters = TextFilters.All
        .Concat(ListFilters.All)
        .Concat(OrderFilters.All)
        .Concat(SelectionFilters.All)
        .Concat(NumberFilters.All)
        .Append(KeyValuePair.Create<string, FilterFunction>("tojson", JsonFilter.Apply))
        .ToDictionary();

    public static IEnumerable<string> Names => Filters.Keys.Order(StringComparer.Ordinal);

    public static FilterFunction? Find(string name) => Filters.GetValueOrDefault(name);
}
