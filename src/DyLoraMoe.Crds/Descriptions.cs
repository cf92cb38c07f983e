using System.Collections.Concurrent;
using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace DyLoraMoe.Crds;

/// <summary>Doc comments of the resources' classes, as plain text.</summary>
public static partial class Descriptions
{
    private static readonly ConcurrentDictionary<string, IReadOnlyDictionary<string, string>> _files = new();

    /// <summary>The summary of a class or property.</summary>
    /// <param name="member">The class or property.</param>
    /// <exception cref="InvalidOperationException">It has none.</exception>
    public static string Of(MemberInfo member) =>
        Find(member) ?? throw new InvalidOperationException($"{member.DeclaringType?.FullName} {member.Name} has no doc comment: a definition describes every field.");

    /// <summary>The summary of a class or property; null when it has none.</summary>
    /// <param name="member">The class or property.</param>
    public static string? Find(MemberInfo member)
    {
        var id = member is Type type ? "T:" + type.FullName : $"P:{member.DeclaringType!.FullName}.{member.Name}";
        var assembly = (member as Type ?? member.DeclaringType!).Assembly;
        return _files.GetOrAdd(assembly.GetName().Name!, Read).GetValueOrDefault(id);
    }

    private static Dictionary<string, string> Read(string assembly)
    {
        var path = Path.Combine(AppContext.BaseDirectory, assembly + ".xml");
        return File.Exists(path)
            ? XDocument.Load(path).Descendants("member")
                .Where(member => member.Element("summary") is not null)
                .ToDictionary(member => member.Attribute("name")!.Value, member => Text(member.Element("summary")!))
            : [];
    }

    private static string Text(XElement summary)
    {
        foreach (var see in summary.Descendants("see").ToList())
        {
            see.ReplaceWith(new XText(see.Attribute("langword")?.Value ?? see.Attribute("cref")?.Value.Split('.')[^1] ?? see.Value));
        }

        return Spaces().Replace(summary.Value, " ").Trim();
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
