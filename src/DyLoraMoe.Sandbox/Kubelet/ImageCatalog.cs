namespace DyLoraMoe.Sandbox.Kubelet;

/// <summary>
/// The folders that stand for images. A rule <c>NAME[:TAG]=DIR</c> names an image exactly, whatever its tag when it gives none;
/// <c>*</c> stands for any text; a name without a registry fits an image of any registry.
/// </summary>
internal sealed class ImageCatalog
{
    private readonly List<(string Name, string? Tag, string Folder)> _rules = [];

    public ImageCatalog(IEnumerable<string> rules)
    {
        foreach (var rule in rules)
        {
            if (rule.Split('=', 2) is not [{ Length: > 0 } image, { Length: > 0 } folder])
            {
                throw new ArgumentException($"Expected an image as NAME[:TAG]=DIR, found '{rule}'.", nameof(rules));
            }

            var (name, tag) = Split(image);
            _rules.Add((name, tag, Path.GetFullPath(folder)));
        }
    }

    /// <summary>The folder of an image; null when no rule fits.</summary>
    public string? Find(string image)
    {
        var (name, tag) = Split(image);
        return _rules.FirstOrDefault(rule => (rule.Tag is null || rule.Tag == tag) && Fits(rule.Name, name)).Folder;
    }

    /// <summary>The last part of an image's name, which is also its program's when it has no entrypoint.</summary>
    public static string ShortName(string image)
    {
        var name = Split(image).Name;
        return name[(name.LastIndexOf('/') + 1)..];
    }

    private static (string Name, string? Tag) Split(string image)
    {
        var digest = image.IndexOf('@', StringComparison.Ordinal);
        var plain = digest < 0 ? image : image[..digest];
        var colon = plain.LastIndexOf(':');
        return colon > plain.LastIndexOf('/') ? (plain[..colon], plain[(colon + 1)..]) : (plain, null);
    }

    private static bool Fits(string rule, string name)
    {
        if (rule.Contains('*', StringComparison.Ordinal))
        {
            return System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(rule, name, ignoreCase: false);
        }

        return name == rule || name.EndsWith("/" + rule, StringComparison.Ordinal);
    }
}
