namespace DyLoraMoe.Core.Data.Reading;

/// <summary>Named values of one row. A JSON null is an absent field; numbers, lists and objects are their JSON text.</summary>
/// <param name="File">The file, as it was named.</param>
/// <param name="Line">The line where the row begins, from 1.</param>
/// <param name="Fields">Values by name, in the order of the file.</param>
internal sealed record DataRow(string File, long Line, IReadOnlyDictionary<string, string> Fields)
{
    public string FieldNames => Fields.Count == 0 ? "no fields" : $"the fields {string.Join(", ", Fields.Keys)}";
}

/// <summary>A row, or why it is none. What makes the rest of the file unreadable is thrown instead.</summary>
internal readonly record struct RowOrError(DataRow? Row, DatasetException? Error)
{
    public static implicit operator RowOrError(DataRow row) => new(row, null);

    public static implicit operator RowOrError(DatasetException error) => new(null, error);
}
