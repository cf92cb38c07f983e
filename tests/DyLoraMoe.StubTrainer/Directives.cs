namespace DyLoraMoe.StubTrainer;

/// <summary>What the data of a skill ask the stub for, kept in the store under the digest of what they became.</summary>
internal sealed class Directives
{
    private const string Prefix = "stub:";

    private readonly string[] _lines;

    private Directives(IEnumerable<string> lines) => _lines = [.. lines.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    public static Directives Of(string text) =>
        new(text.Split('\n').Select(line => line.Trim()).Where(line => line.StartsWith(Prefix, StringComparison.Ordinal)).Select(line => line[Prefix.Length..].Trim()));

    public static Directives Read(string store, string digest)
    {
        var file = FileOf(store, digest);
        return new(File.Exists(file) ? File.ReadAllLines(file) : []);
    }

    public static Directives Joined(IEnumerable<Directives> parts) => new(parts.SelectMany(part => part._lines));

    /// <summary>Publishes them, as an artifact is: whole or not at all.</summary>
    public void Publish(string store, string digest)
    {
        var file = FileOf(store, digest);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        var aside = $"{file}.{Guid.NewGuid():N}";
        File.WriteAllLines(aside, _lines);
        File.Move(aside, file, overwrite: true);
    }

    /// <summary>The argument of a directive; empty when it has none, null when it is not given.</summary>
    public string? Find(string name) => All(name).FirstOrDefault();

    public IEnumerable<string> All(string name) =>
        _lines.Where(line => line == name || line.StartsWith(name + " ", StringComparison.Ordinal)).Select(line => line[name.Length..].Trim());

    private static string FileOf(string store, string digest) => Path.Combine(store, "stub", digest.Replace(':', '-'));
}
