using System.Text;
using System.Text.Json;

namespace DyLoraMoe.ClusterHarness;

/// <summary>A right that a call needed, as the sandbox wrote it down.</summary>
/// <param name="User">Who called.</param>
/// <param name="Verb">What it is to do.</param>
/// <param name="Group">The API group; empty for the core group.</param>
/// <param name="Resource">The resource with its subresource; empty for paths that are no resource's.</param>
/// <param name="Namespace">Where; empty for the whole cluster.</param>
/// <param name="Name">The object; empty for all.</param>
/// <param name="Path">The path that is no resource's.</param>
/// <param name="Allowed">Whether the caller had it.</param>
internal sealed record NeededRight(string User, string Verb, string Group, string Resource, string Namespace, string Name, string Path, bool Allowed)
{
    /// <summary>All that a file has, but for a line that is still being written.</summary>
    public static IEnumerable<NeededRight> Read(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var text = reader.ReadToEnd();
        return [.. text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<NeededRight>(line, JsonSerializerOptions.Web)!)];
    }
}
