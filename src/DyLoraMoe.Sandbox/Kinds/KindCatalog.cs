namespace DyLoraMoe.Sandbox.Kinds;

/// <summary>All kinds that the server serves now. A new one takes its place when definitions change.</summary>
internal sealed class KindCatalog
{
    private readonly Dictionary<(string Group, string Version, string Plural), ResourceKind> _byPath = [];

    /// <summary>Makes a catalog; of two kinds at one path the first stays.</summary>
    public KindCatalog(IEnumerable<ResourceKind> kinds)
    {
        List<ResourceKind> list = [];
        foreach (ResourceKind kind in kinds)
        {
            if (_byPath.TryAdd((kind.Group, kind.Version, kind.Plural), kind))
            {
                list.Add(kind);
            }
        }

        Kinds = list;
    }

    /// <summary>The built-in kinds alone.</summary>
    public static KindCatalog BuiltIn { get; } = new(BuiltInKinds.List);

    /// <summary>All kinds, built-in ones first.</summary>
    public IReadOnlyList<ResourceKind> Kinds { get; }

    /// <summary>The kind at a path, or null.</summary>
    public ResourceKind? Find(string group, string version, string plural) => _byPath.GetValueOrDefault((group, version, plural));

    /// <summary>The kind by its name in a manifest, or null.</summary>
    public ResourceKind? FindByKind(string apiVersion, string kind) =>
        Kinds.FirstOrDefault(item => item.Kind == kind && item.ApiVersion == apiVersion);

    /// <summary>The versions of a group, the preferred one first.</summary>
    public IReadOnlyList<string> Versions(string group) =>
        [.. Kinds.Where(kind => kind.Group == group).Select(kind => kind.Version).Distinct().OrderByDescending(version => version, VersionOrder.Instance)];

    /// <summary>The groups, the core group left out, in order of first appearance.</summary>
    public IEnumerable<string> Groups => Kinds.Select(kind => kind.Group).Where(group => group.Length > 0).Distinct();
}
