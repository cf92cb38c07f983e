using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;

namespace DyLoraMoe.Sandbox.Tables;

/// <summary>The columns of the built-in kinds, as <c>kubectl get</c> shows them.</summary>
internal static class BuiltInColumns
{
    private static readonly Column Name = JsonPathColumns.Name;
    private static readonly Column Age = JsonPathColumns.Age;

    /// <summary>Name and age.</summary>
    public static IReadOnlyList<Column> Plain { get; } = [Name, Age];

    /// <summary>Namespaces.</summary>
    public static IReadOnlyList<Column> Namespaces { get; } = [Name, Text("Status", item => item.Text("status", "phase")), Age];

    /// <summary>Pods.</summary>
    public static IReadOnlyList<Column> Pods { get; } =
    [
        Name,
        Text("Ready", PodCells.Ready),
        Text("Status", PodCells.Status),
        new("Restarts", (pod, now) => PodCells.Restarts(pod, now)),
        Age,
        Wide("IP", pod => Cells.OrNone(pod.Text("status", "podIP"))),
        Wide("Node", pod => Cells.OrNone(pod.Text("spec", "nodeName"))),
        Wide("Nominated Node", pod => Cells.OrNone(pod.Text("status", "nominatedNodeName"))),
        Wide("Readiness Gates", PodCells.Gates),
    ];

    /// <summary>Services.</summary>
    public static IReadOnlyList<Column> Services { get; } =
    [
        Name,
        Text("Type", item => item.Text("spec", "type")),
        Text("Cluster-IP", item => Cells.OrNone(item.Text("spec", "clusterIP"))),
        Text("External-IP", Cells.ExternalAddresses),
        Text("Port(s)", Cells.Ports),
        Age,
        Wide("Selector", item => Cells.Pairs(item, "spec", "selector")),
    ];

    /// <summary>Endpoints.</summary>
    public static IReadOnlyList<Column> Endpoints { get; } =
    [
        Name,
        Text("Endpoints", item => Cells.OrNone(string.Join(',', item.Items("subsets").SelectMany(subset => subset.Items("addresses")
            .SelectMany(address => subset.Items("ports").Select(port => $"{address.Text("ip")}:{port.Whole("port")}")))))),
        Age,
    ];

    /// <summary>ConfigMaps.</summary>
    public static IReadOnlyList<Column> ConfigMaps { get; } = [Name, Number("Data", item => Count(item, "data") + Count(item, "binaryData")), Age];

    /// <summary>Secrets.</summary>
    public static IReadOnlyList<Column> Secrets { get; } = [Name, Text("Type", item => item.Text("type")), Number("Data", item => Count(item, "data")), Age];

    /// <summary>Service accounts.</summary>
    public static IReadOnlyList<Column> ServiceAccounts { get; } = [Name, Number("Secrets", item => item.Items("secrets").Count), Age];

    /// <summary>Events, in the form in which they are stored or the newer one.</summary>
    public static IReadOnlyList<Column> Events { get; } =
    [
        new("Last Seen", (item, now) => Ages.Since(LastSeen(item), now)),
        Text("Type", item => item.Text("type")),
        Text("Reason", item => item.Text("reason")),
        Text("Object", item => (item.Map("involvedObject") ?? item.Map("regarding")) is { } about ? $"{about.Text("kind")?.ToLowerInvariant()}/{about.Text("name")}" : ""),
        Wide("Subobject", item => item.Text("involvedObject", "fieldPath") ?? item.Text("regarding", "fieldPath") ?? ""),
        Wide("Source", item => item.Text("source", "component") ?? item.Text("reportingComponent") ?? item.Text("reportingController") ?? ""),
        Text("Message", item => (item.Text("message") ?? item.Text("note") ?? "").Trim()),
        new("First Seen", (item, now) => Ages.Since(item.Text("firstTimestamp") ?? item.Text("eventTime") ?? item.Text("metadata", "creationTimestamp"), now), Priority: 1),
        new("Count", (item, _) => item.Whole("series", "count") ?? item.Whole("count") ?? 1, "integer", 1),
        new("Name", (item, _) => item.Text("metadata", "name"), Priority: 1, Format: "name"),
    ];

    /// <summary>Nodes.</summary>
    public static IReadOnlyList<Column> Nodes { get; } =
    [
        Name,
        Text("Status", node => (node.Items("status", "conditions").FirstOrDefault(condition => condition.Text("type") == "Ready").Text("status") switch
        {
            "True" => "Ready",
            null => "Unknown",
            _ => "NotReady",
        }) + (node.Flag("spec", "unschedulable") == true ? ",SchedulingDisabled" : "")),
        Text("Roles", node => Cells.OrNone(string.Join(',', node.Pairs("metadata", "labels").Keys
            .Where(label => label.StartsWith("node-role.kubernetes.io/", StringComparison.Ordinal)).Select(label => label["node-role.kubernetes.io/".Length..])))),
        Age,
        Text("Version", node => node.Text("status", "nodeInfo", "kubeletVersion")),
        Wide("Internal-IP", node => Cells.OrNone(node.Items("status", "addresses").FirstOrDefault(address => address.Text("type") == "InternalIP").Text("address"))),
        Wide("OS-Image", node => Cells.OrNone(node.Text("status", "nodeInfo", "osImage"))),
        Wide("Kernel-Version", node => Cells.OrNone(node.Text("status", "nodeInfo", "kernelVersion"))),
        Wide("Container-Runtime", node => Cells.OrNone(node.Text("status", "nodeInfo", "containerRuntimeVersion"))),
    ];

    /// <summary>Persistent volumes.</summary>
    public static IReadOnlyList<Column> Volumes { get; } =
    [
        Name,
        Text("Capacity", item => item.Text("spec", "capacity", "storage")),
        Text("Access Modes", item => Modes(item.Texts("spec", "accessModes"))),
        Text("Reclaim Policy", item => item.Text("spec", "persistentVolumeReclaimPolicy")),
        Text("Status", Phase),
        Text("Claim", item => item.Map("spec", "claimRef") is { } claim ? $"{claim.Text("namespace")}/{claim.Text("name")}" : ""),
        Text("StorageClass", item => item.Text("spec", "storageClassName") ?? ""),
        Text("Reason", item => item.Text("status", "reason") ?? ""),
        Age,
        Wide("VolumeMode", item => item.Text("spec", "volumeMode")),
    ];

    /// <summary>Claims of persistent volumes.</summary>
    public static IReadOnlyList<Column> VolumeClaims { get; } =
    [
        Name,
        Text("Status", Phase),
        Text("Volume", item => item.Text("spec", "volumeName") ?? ""),
        Text("Capacity", item => item.Text("status", "capacity", "storage") ?? ""),
        Text("Access Modes", item => item.Text("spec", "volumeName") is null ? "" : Modes(item.Texts("status", "accessModes"))),
        Text("StorageClass", item => item.Text("spec", "storageClassName") ?? ""),
        Age,
        Wide("VolumeMode", item => item.Text("spec", "volumeMode")),
    ];

    /// <summary>Deployments.</summary>
    public static IReadOnlyList<Column> Deployments { get; } =
    [
        Name,
        Text("Ready", item => $"{item.Whole("status", "readyReplicas") ?? 0}/{item.Whole("spec", "replicas") ?? 0}"),
        Number("Up-to-date", item => item.Whole("status", "updatedReplicas") ?? 0),
        Number("Available", item => item.Whole("status", "availableReplicas") ?? 0),
        Age,
        Wide("Containers", item => Containers(item, "name")),
        Wide("Images", item => Containers(item, "image")),
        Wide("Selector", item => Cells.Selector(item, "spec", "selector")),
    ];

    /// <summary>ReplicaSets.</summary>
    public static IReadOnlyList<Column> ReplicaSets { get; } =
    [
        Name,
        Number("Desired", item => item.Whole("spec", "replicas") ?? 0),
        Number("Current", item => item.Whole("status", "replicas") ?? 0),
        Number("Ready", item => item.Whole("status", "readyReplicas") ?? 0),
        Age,
        Wide("Containers", item => Containers(item, "name")),
        Wide("Images", item => Containers(item, "image")),
        Wide("Selector", item => Cells.Selector(item, "spec", "selector")),
    ];

    /// <summary>Jobs.</summary>
    public static IReadOnlyList<Column> Jobs { get; } =
    [
        Name,
        Text("Status", Cells.JobStatus),
        Text("Completions", item => item.Whole("spec", "completions") is { } wanted
            ? $"{item.Whole("status", "succeeded") ?? 0}/{wanted}"
            : $"{item.Whole("status", "succeeded") ?? 0}/1{(item.Whole("spec", "parallelism") is > 1 and { } most ? $" of {most}" : "")}"),
        new("Duration", (item, now) => Cells.JobDuration(item, now)),
        Age,
        Wide("Containers", item => Containers(item, "name")),
        Wide("Images", item => Containers(item, "image")),
        Wide("Selector", item => Cells.Selector(item, "spec", "selector")),
    ];

    /// <summary>Horizontal pod autoscalers.</summary>
    public static IReadOnlyList<Column> Autoscalers { get; } =
    [
        Name,
        Text("Reference", item => $"{item.Text("spec", "scaleTargetRef", "kind")}/{item.Text("spec", "scaleTargetRef", "name")}"),
        Text("Targets", Cells.Targets),
        Text("MinPods", item => (item.Whole("spec", "minReplicas") ?? 1).ToString(System.Globalization.CultureInfo.InvariantCulture)),
        Number("MaxPods", item => item.Whole("spec", "maxReplicas") ?? 0),
        Number("Replicas", item => item.Whole("status", "currentReplicas") ?? 0),
        Age,
    ];

    /// <summary>Disruption budgets.</summary>
    public static IReadOnlyList<Column> DisruptionBudgets { get; } =
    [
        Name,
        Text("Min Available", item => Amount(item.At("spec", "minAvailable"))),
        Text("Max Unavailable", item => Amount(item.At("spec", "maxUnavailable"))),
        Number("Allowed Disruptions", item => item.Whole("status", "disruptionsAllowed") ?? 0),
        Age,
    ];

    /// <summary>Network policies.</summary>
    public static IReadOnlyList<Column> NetworkPolicies { get; } = [Name, Text("Pod-Selector", item => Cells.Selector(item, "spec", "podSelector")), Age];

    /// <summary>Leases.</summary>
    public static IReadOnlyList<Column> Leases { get; } = [Name, Text("Holder", item => item.Text("spec", "holderIdentity") ?? ""), Age];

    /// <summary>Endpoint slices.</summary>
    public static IReadOnlyList<Column> EndpointSlices { get; } =
    [
        Name,
        Text("AddressType", item => item.Text("addressType")),
        Text("Ports", item => Cells.OrNone(string.Join(',', item.Items("ports").Select(port => port.Whole("port"))))),
        Text("Endpoints", item => Cells.OrNone(string.Join(',', item.Items("endpoints").SelectMany(endpoint => endpoint.Texts("addresses"))))),
        Age,
    ];

    /// <summary>Roles.</summary>
    public static IReadOnlyList<Column> Roles { get; } = [Name, new("Created At", (item, _) => item.Text("metadata", "creationTimestamp"), "date")];

    /// <summary>Bindings of roles.</summary>
    public static IReadOnlyList<Column> RoleBindings { get; } =
    [
        Name,
        Text("Role", item => $"{item.Text("roleRef", "kind")}/{item.Text("roleRef", "name")}"),
        Age,
        Wide("Users", item => Subjects(item, "User")),
        Wide("Groups", item => Subjects(item, "Group")),
        Wide("ServiceAccounts", item => Subjects(item, "ServiceAccount")),
    ];

    /// <summary>Storage classes.</summary>
    public static IReadOnlyList<Column> StorageClasses { get; } =
    [
        new("Name", (item, _) => item.Text("metadata", "name") + (item.Text("metadata", "annotations", "storageclass.kubernetes.io/is-default-class") == "true" ? " (default)" : ""), Format: "name"),
        Text("Provisioner", item => item.Text("provisioner")),
        Text("ReclaimPolicy", item => item.Text("reclaimPolicy")),
        Text("VolumeBindingMode", item => item.Text("volumeBindingMode")),
        new("AllowVolumeExpansion", (item, _) => item.Flag("allowVolumeExpansion") ?? false, "boolean"),
        Age,
    ];

    /// <summary>Priority classes.</summary>
    public static IReadOnlyList<Column> PriorityClasses { get; } =
    [
        Name,
        Number("Value", item => item.Whole("value") ?? 0),
        new("Global-Default", (item, _) => item.Flag("globalDefault") ?? false, "boolean"),
        Age,
    ];

    /// <summary>Definitions of custom resources.</summary>
    public static IReadOnlyList<Column> Definitions { get; } = [Name, new("Created At", (item, _) => item.Text("metadata", "creationTimestamp"), "date")];

    private static Column Text(string name, Func<JsonObject, string?> value) => new(name, (item, _) => value(item));

    private static Column Wide(string name, Func<JsonObject, string?> value) => new(name, (item, _) => value(item), Priority: 1);

    private static Column Number(string name, Func<JsonObject, long> value) => new(name, (item, _) => value(item), "integer");

    private static string Phase(JsonObject item) => item.Text("metadata", "deletionTimestamp") is null ? item.Text("status", "phase") ?? "" : "Terminating";

    private static long Count(JsonObject item, string field) => item.Map(field)?.Count ?? 0;

    private static string Amount(JsonNode? node) => node is null ? "N/A" : node.Text() ?? JsonText.String(node);

    private static string Containers(JsonObject item, string field) =>
        string.Join(',', item.Items("spec", "template", "spec", "containers").Select(container => container.Text(field)));

    private static string Subjects(JsonObject item, string kind) => string.Join(", ", item.Items("subjects").Where(subject => subject.Text("kind") == kind)
        .Select(subject => kind == "ServiceAccount" ? $"{subject.Text("namespace")}/{subject.Text("name")}" : subject.Text("name")));

    private static string Modes(IEnumerable<string> modes) => string.Join(',', modes.Select(mode => mode switch
    {
        "ReadWriteOnce" => "RWO",
        "ReadOnlyMany" => "ROX",
        "ReadWriteMany" => "RWX",
        "ReadWriteOncePod" => "RWOP",
        _ => mode,
    }));

    private static string? LastSeen(JsonObject item) => item.Text("series", "lastObservedTime") ?? item.Text("lastTimestamp")
        ?? item.Text("deprecatedLastTimestamp") ?? item.Text("eventTime") ?? item.Text("metadata", "creationTimestamp");
}
