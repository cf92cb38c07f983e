using System.Text;
using k8s;
using k8s.KubeConfigModels;
using YamlDotNet.RepresentationModel;

namespace DyLoraMoe.Kubectl.Cluster;

/// <summary>One kubeconfig: as the client library reads it, with every path made whole beside the file, and as it is written, for what that does not read.</summary>
internal sealed class KubeconfigFile
{
    // A map of lists, and the library expects one of texts.
    private const string NotForTheLibrary = "as-user-extra";

    private static readonly string[] _pathsOfClusters = ["certificate-authority"];
    private static readonly string[] _pathsOfUsers = ["client-certificate", "client-key", "tokenFile"];

    private readonly YamlMappingNode _root;

    private KubeconfigFile(YamlMappingNode root) => _root = root;

    /// <summary>What the client library reads of it.</summary>
    public K8SConfiguration Configuration { get; private init; } = new();

    /// <summary>Reads one.</summary>
    /// <exception cref="YamlDotNet.Core.YamlException">It is no YAML.</exception>
    public static KubeconfigFile Read(FileInfo file)
    {
        var yaml = new YamlStream();
        using (var reader = file.OpenText())
        {
            yaml.Load(reader);
        }

        // kubectl takes an empty file for one without entries.
        if (yaml.Documents is not [{ RootNode: YamlMappingNode root }, ..])
        {
            return new(new YamlMappingNode());
        }

        MakeWhole(Details(root, "clusters", "cluster"), _pathsOfClusters, file.DirectoryName!);
        MakeWhole(Details(root, "users", "user"), _pathsOfUsers, file.DirectoryName!);
        return new(root) { Configuration = KubernetesClientConfiguration.LoadKubeConfig(ForTheLibrary(yaml, root)) };
    }

    /// <summary>What is written of a cluster; null when it is not in this file.</summary>
    public YamlMappingNode? Cluster(string? name) => Find("clusters", "cluster", name);

    /// <summary>What is written of a user; null when there is none in this file.</summary>
    public YamlMappingNode? User(string? name) => Find("users", "user", name);

    /// <summary>A text of an entry; null when it has none.</summary>
    public static string? Text(YamlMappingNode entry, string key) => entry.Children.TryGetValue(key, out var value) ? (value as YamlScalarNode)?.Value : null;

    private YamlMappingNode? Find(string list, string kind, string? name) =>
        Entries(_root, list).FirstOrDefault(entry => Text(entry, "name") == name) is { } found ? Details(found, kind) : null;

    private static IEnumerable<YamlMappingNode> Entries(YamlMappingNode root, string list) => root.Children.TryGetValue(list, out var entries) && entries is YamlSequenceNode all ? all.OfType<YamlMappingNode>() : [];

    private static IEnumerable<YamlMappingNode> Details(YamlMappingNode root, string list, string kind) => Entries(root, list).Select(entry => Details(entry, kind)).OfType<YamlMappingNode>();

    private static YamlMappingNode? Details(YamlMappingNode entry, string kind) => entry.Children.TryGetValue(kind, out var details) ? details as YamlMappingNode : null;

    private static void MakeWhole(IEnumerable<YamlMappingNode> entries, string[] keys, string folder)
    {
        foreach (var entry in entries)
        {
            foreach (var key in keys)
            {
                if (Text(entry, key) is { Length: > 0 } path)
                {
                    entry.Children[key] = new YamlScalarNode(Path.GetFullPath(path, folder)) { Style = YamlDotNet.Core.ScalarStyle.DoubleQuoted };
                }
            }
        }
    }

    private static MemoryStream ForTheLibrary(YamlStream yaml, YamlMappingNode root)
    {
        var taken = Details(root, "users", "user").Select(user => (User: user, Value: user.Children.TryGetValue(NotForTheLibrary, out var value) ? value : null)).Where(each => each.Value is not null).ToList();
        taken.ForEach(each => each.User.Children.Remove(NotForTheLibrary));
        using var text = new StringWriter();
        yaml.Save(text, assignAnchors: false);
        taken.ForEach(each => each.User.Children.Add(NotForTheLibrary, each.Value!));
        return new MemoryStream(Encoding.UTF8.GetBytes(text.ToString()));
    }
}
