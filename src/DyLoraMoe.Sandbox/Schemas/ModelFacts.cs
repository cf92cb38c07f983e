namespace DyLoraMoe.Sandbox.Schemas;

/// <summary>
/// What the API defines about its built-in types and the model classes do not show: how lists and maps merge and which fields are required.
/// Keys are <c>Type.field</c> with the model's name without its version.
/// </summary>
internal static class ModelFacts
{
    /// <summary>Lists whose items merge by key; after the bar, the key of a strategic merge patch where it has one.</summary>
    private static readonly Dictionary<string, string> KeyedLists = new(StringComparer.Ordinal)
    {
        ["PodSpec.containers"] = "name|name",
        ["PodSpec.initContainers"] = "name|name",
        ["PodSpec.ephemeralContainers"] = "name|name",
        ["PodSpec.volumes"] = "name|name",
        ["PodSpec.imagePullSecrets"] = "name|name",
        ["PodSpec.hostAliases"] = "ip|ip",
        ["PodSpec.topologySpreadConstraints"] = "topologyKey,whenUnsatisfiable|topologyKey",
        ["PodSpec.schedulingGates"] = "name|name",
        ["PodSpec.resourceClaims"] = "name|name",
        ["Container.env"] = "name|name",
        ["Container.ports"] = "containerPort,protocol|containerPort",
        ["Container.volumeMounts"] = "mountPath|mountPath",
        ["Container.volumeDevices"] = "devicePath|devicePath",
        ["EphemeralContainer.env"] = "name|name",
        ["EphemeralContainer.ports"] = "containerPort,protocol|containerPort",
        ["EphemeralContainer.volumeMounts"] = "mountPath|mountPath",
        ["EphemeralContainer.volumeDevices"] = "devicePath|devicePath",
        ["ResourceRequirements.claims"] = "name|",
        ["VolumeResourceRequirements.claims"] = "name|",
        ["PodStatus.conditions"] = "type|type",
        ["PodStatus.podIPs"] = "ip|ip",
        ["PodStatus.resourceClaimStatuses"] = "name|name",
        ["ContainerStatus.volumeMounts"] = "mountPath|mountPath",
        ["ServiceSpec.ports"] = "port,protocol|port",
        ["ServiceStatus.conditions"] = "type|type",
        ["ServiceAccount.secrets"] = "name|name",
        ["NamespaceStatus.conditions"] = "type|type",
        ["NodeStatus.conditions"] = "type|type",
        ["NodeStatus.addresses"] = "type|type",
        ["PersistentVolumeClaimStatus.conditions"] = "type|type",
        ["DeploymentStatus.conditions"] = "type|type",
        ["ReplicaSetStatus.conditions"] = "type|type",
        ["StatefulSetStatus.conditions"] = "type|type",
        ["DaemonSetStatus.conditions"] = "type|type",
        ["ReplicationControllerStatus.conditions"] = "type|type",
        ["HorizontalPodAutoscalerStatus.conditions"] = "type|type",
        ["PodDisruptionBudgetStatus.conditions"] = "type|type",
        ["CustomResourceDefinitionStatus.conditions"] = "type|",
        ["ObjectMeta.ownerReferences"] = "uid|uid",
    };

    private static readonly HashSet<string> Sets =
    [
        "ObjectMeta.finalizers", "NodeSpec.podCIDRs", "PodFailurePolicyOnExitCodesRequirement.values",
    ];

    /// <summary>Lists that a strategic merge patch merges though server-side apply takes them whole, with their key (empty for scalars).</summary>
    private static readonly Dictionary<string, string> PatchMergedAtomicLists = new(StringComparer.Ordinal)
    {
        ["JobStatus.conditions"] = "type",
        ["ProjectedVolumeSource.sources"] = "",
        ["ComponentStatus.conditions"] = "type",
    };

    /// <summary>Types that are one value to server-side apply.</summary>
    private static readonly HashSet<string> AtomicTypes =
    [
        "LabelSelector", "ObjectReference", "LocalObjectReference", "TypedLocalObjectReference", "ConfigMapKeySelector", "SecretKeySelector",
        "ObjectFieldSelector", "ResourceFieldSelector", "NodeSelector", "NodeSelectorTerm", "SecretReference", "OwnerReference", "EndpointAddress",
        "EndpointPort", "RoleRef", "Subject", "ScopeSelector", "FileKeySelector",
    ];

    private static readonly HashSet<string> AtomicMaps = ["ServiceSpec.selector", "PodSpec.nodeSelector", "ReplicationControllerSpec.selector"];

    private static readonly HashSet<string> RetainKeys = ["PodSpec.volumes", "DeploymentSpec.strategy"];

    private static readonly Dictionary<string, string[]> RequiredFields = new(StringComparer.Ordinal)
    {
        ["Container"] = ["name"],
        ["EphemeralContainer"] = ["name"],
        ["ContainerPort"] = ["containerPort"],
        ["EnvVar"] = ["name"],
        ["VolumeMount"] = ["name", "mountPath"],
        ["Volume"] = ["name"],
        ["PodSpec"] = ["containers"],
        ["ServicePort"] = ["port"],
        ["JobSpec"] = ["template"],
        ["DeploymentSpec"] = ["selector", "template"],
        ["ReplicaSetSpec"] = ["selector"],
        ["PolicyRule"] = ["verbs"],
        ["RoleBinding"] = ["roleRef"],
        ["ClusterRoleBinding"] = ["roleRef"],
        ["RoleRef"] = ["apiGroup", "kind", "name"],
        ["LabelSelectorRequirement"] = ["key", "operator"],
        ["OwnerReference"] = ["apiVersion", "kind", "name", "uid"],
        ["CustomResourceDefinition"] = ["spec"],
        ["CustomResourceDefinitionSpec"] = ["group", "names", "scope", "versions"],
        ["CustomResourceDefinitionNames"] = ["plural", "kind"],
        ["CustomResourceDefinitionVersion"] = ["name", "served", "storage"],
        ["HorizontalPodAutoscalerSpec"] = ["maxReplicas", "scaleTargetRef"],
        ["StorageClass"] = ["provisioner"],
        ["PriorityClass"] = ["value"],
        ["Endpoint"] = ["addresses"],
        ["EndpointSlice"] = ["addressType", "endpoints"],
        ["Corev1Event"] = ["metadata", "involvedObject"],
        ["Eventsv1Event"] = ["eventTime"],
        ["SelfSubjectAccessReview"] = ["spec"],
        ["SubjectAccessReview"] = ["spec"],
        ["TokenReview"] = ["spec"],
    };

    /// <summary>The schema of a field, with what is known about it in this place.</summary>
    public static Schema Complete(Type owner, string name, Schema schema)
    {
        string key = $"{ShortName(owner)}.{name}";
        if (name is "time" or "fieldsV1" && ShortName(owner) == "ManagedFieldsEntry")
        {
            return name == "time" ? schema : Schema.Any;
        }

        if (KeyedLists.TryGetValue(key, out string? keys))
        {
            string[] parts = keys.Split('|');
            schema.ListType = ListType.Map;
            schema.ListKeys = parts[0].Split(',');
            schema.PatchMergeKey = parts[1];
            schema.PatchStrategy = parts[1].Length == 0 ? "" : RetainKeys.Contains(key) ? "merge,retainKeys" : "merge";
        }
        else if (PatchMergedAtomicLists.TryGetValue(key, out string? mergeKey))
        {
            schema.PatchMergeKey = mergeKey;
            schema.PatchStrategy = mergeKey.Length == 0 ? "" : "merge";
        }
        else if (Sets.Contains(key))
        {
            schema.ListType = ListType.Set;
            schema.PatchStrategy = "merge";
        }
        else if (AtomicMaps.Contains(key))
        {
            schema.AtomicMap = true;
        }
        else if (RetainKeys.Contains(key))
        {
            schema.PatchStrategy = "retainKeys";
        }

        return schema;
    }

    /// <summary>Completes the schema of a type.</summary>
    public static void Complete(Type type, Schema schema)
    {
        string name = ShortName(type);
        schema.AtomicMap = AtomicTypes.Contains(name);
        schema.Required.UnionWith(RequiredFields.GetValueOrDefault(type.Name) ?? RequiredFields.GetValueOrDefault(name) ?? []);
    }

    private static string ShortName(Type type)
    {
        int at = type.Name.IndexOfAny([.. "0123456789"]);
        string rest = at < 0 ? type.Name : type.Name[at..].TrimStart([.. "0123456789"]);
        foreach (string stage in (ReadOnlySpan<string>)["alpha", "beta"])
        {
            if (rest.StartsWith(stage, StringComparison.Ordinal))
            {
                rest = rest[stage.Length..].TrimStart([.. "0123456789"]);
            }
        }

        return rest;
    }
}
