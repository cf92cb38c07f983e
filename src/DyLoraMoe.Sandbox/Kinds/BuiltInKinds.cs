using DyLoraMoe.Sandbox.Schemas;
using DyLoraMoe.Sandbox.Tables;
using k8s.Models;

namespace DyLoraMoe.Sandbox.Kinds;

/// <summary>The kinds that are there without a definition.</summary>
internal static class BuiltInKinds
{
    private static readonly string[] ReviewVerbs = ["create"];
    private static readonly string[] All = ["all"];

    /// <summary>Every built-in kind in every version.</summary>
    public static IReadOnlyList<ResourceKind> List { get; } =
    [
        Make<V1Namespace>("namespaces", ["ns"], new NamespaceRules(), BuiltInColumns.Namespaces, namespaced: false, status: true, fields: ["status.phase"]),
        Make<V1Pod>("pods", ["po"], new PodRules(), BuiltInColumns.Pods, status: true, categories: All,
            fields: ["spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork", "status.phase", "status.podIP", "status.nominatedNodeName"]),
        Make<V1Service>("services", ["svc"], new ServiceRules(), BuiltInColumns.Services, status: true, categories: All, fields: ["spec.clusterIP", "spec.type"]),
        Make<V1Endpoints>("endpoints", ["ep"], new PlainRules { CreatesByPut = true }, BuiltInColumns.Endpoints),
        Make<V1ConfigMap>("configmaps", ["cm"], new ConfigMapRules(), BuiltInColumns.ConfigMaps),
        Make<V1Secret>("secrets", [], new SecretRules(), BuiltInColumns.Secrets, fields: ["type"]),
        Make<V1ServiceAccount>("serviceaccounts", ["sa"], new PlainRules { DeletedObjectIsTheAnswer = true }, BuiltInColumns.ServiceAccounts),
        Make<Corev1Event>("events", ["ev"], new EventRules(), BuiltInColumns.Events, fields: EventFields("involvedObject", "reportingComponent")),
        Make<Eventsv1Event>("events", ["ev"], new EventRules(), BuiltInColumns.Events, fields: EventFields("regarding", "reportingController"), stored: ("/events", "v1")),
        Make<V1Node>("nodes", ["no"], new NodeRules(), BuiltInColumns.Nodes, namespaced: false, status: true, fields: ["spec.unschedulable"]),
        Make<V1PersistentVolume>("persistentvolumes", ["pv"], new VolumeRules(), BuiltInColumns.Volumes, namespaced: false, status: true),
        Make<V1PersistentVolumeClaim>("persistentvolumeclaims", ["pvc"], new VolumeClaimRules(), BuiltInColumns.VolumeClaims, status: true),
        Make<V1LimitRange>("limitranges", ["limits"], new PlainRules(), BuiltInColumns.Plain),
        Make<V1ResourceQuota>("resourcequotas", ["quota"], new PlainRules(), BuiltInColumns.Plain, status: true),
        Make<V1Deployment>("deployments", ["deploy"], new DeploymentRules(), BuiltInColumns.Deployments, status: true, categories: All, scale: true),
        Make<V1ReplicaSet>("replicasets", ["rs"], new ReplicaSetRules(), BuiltInColumns.ReplicaSets, status: true, categories: All, scale: true, fields: ["status.replicas"]),
        Make<V1StatefulSet>("statefulsets", ["sts"], new DeploymentRules(), BuiltInColumns.Plain, status: true, categories: All, scale: true),
        Make<V1Job>("jobs", [], new JobRules(), BuiltInColumns.Jobs, status: true, categories: All, fields: ["status.successful"]),
        Make<V2HorizontalPodAutoscaler>("horizontalpodautoscalers", ["hpa"], new AutoscalerRules(), BuiltInColumns.Autoscalers, status: true, categories: All),
        Make<V1PodDisruptionBudget>("poddisruptionbudgets", ["pdb"], new DisruptionBudgetRules(), BuiltInColumns.DisruptionBudgets, status: true, blind: false),
        Make<V1NetworkPolicy>("networkpolicies", ["netpol"], new NetworkPolicyRules(), BuiltInColumns.NetworkPolicies),
        Make<V1Lease>("leases", [], new PlainRules { CreatesByPut = true }, BuiltInColumns.Leases, blind: false),
        Make<V1EndpointSlice>("endpointslices", [], new GenerationRules(), BuiltInColumns.EndpointSlices),
        Make<V1Role>("roles", [], new RoleRules(), BuiltInColumns.Roles),
        Make<V1ClusterRole>("clusterroles", [], new RoleRules(), BuiltInColumns.Roles, namespaced: false),
        Make<V1RoleBinding>("rolebindings", [], new RoleBindingRules(), BuiltInColumns.RoleBindings),
        Make<V1ClusterRoleBinding>("clusterrolebindings", [], new RoleBindingRules(), BuiltInColumns.RoleBindings, namespaced: false),
        Make<V1StorageClass>("storageclasses", ["sc"], new StorageClassRules(), BuiltInColumns.StorageClasses, namespaced: false),
        Make<V1PriorityClass>("priorityclasses", ["pc"], new PriorityClassRules(), BuiltInColumns.PriorityClasses, namespaced: false),
        Make<V1CustomResourceDefinition>("customresourcedefinitions", ["crd", "crds"], new DefinitionRules(), BuiltInColumns.Definitions,
            namespaced: false, status: true, categories: ["api-extensions"], blind: false),
        Make<V1TokenReview>("tokenreviews", [], new PlainRules(), BuiltInColumns.Plain, namespaced: false, verbs: ReviewVerbs),
        Make<V1SelfSubjectReview>("selfsubjectreviews", [], new PlainRules(), BuiltInColumns.Plain, namespaced: false, verbs: ReviewVerbs),
        Make<V1SubjectAccessReview>("subjectaccessreviews", [], new PlainRules(), BuiltInColumns.Plain, namespaced: false, verbs: ReviewVerbs),
        Make<V1LocalSubjectAccessReview>("localsubjectaccessreviews", [], new PlainRules(), BuiltInColumns.Plain, verbs: ReviewVerbs),
        Make<V1SelfSubjectAccessReview>("selfsubjectaccessreviews", [], new PlainRules(), BuiltInColumns.Plain, namespaced: false, verbs: ReviewVerbs),
        Make<V1SelfSubjectRulesReview>("selfsubjectrulesreviews", [], new PlainRules(), BuiltInColumns.Plain, namespaced: false, verbs: ReviewVerbs),
    ];

    private static string[] EventFields(string about, string component) =>
    [
        $"{about}.kind", $"{about}.namespace", $"{about}.name", $"{about}.uid", $"{about}.apiVersion", $"{about}.resourceVersion", $"{about}.fieldPath",
        "reason", "type", component, "source",
    ];

    private static ResourceKind Make<T>(
        string plural,
        string[] shortNames,
        KindRules rules,
        IReadOnlyList<Column> columns,
        bool namespaced = true,
        bool status = false,
        bool scale = false,
        string[]? categories = null,
        string[]? fields = null,
        string[]? verbs = null,
        (string Collection, string ApiVersion)? stored = null,
        bool blind = true)
    {
        var entity = (KubernetesEntityAttribute)typeof(T).GetCustomAttributes(typeof(KubernetesEntityAttribute), false)[0];
        return new ResourceKind
        {
            Group = entity.Group,
            Version = entity.ApiVersion,
            Kind = entity.Kind,
            Plural = plural,
            Namespaced = namespaced,
            ShortNames = shortNames,
            Categories = categories ?? [],
            Schema = ModelSchemas.Of(typeof(T)),
            HasStatus = status,
            Scale = scale ? new ScalePaths(".spec.replicas", ".status.replicas", ".spec.selector") : null,
            Rules = rules,
            Columns = columns,
            SelectableFields = fields ?? [],
            UpdatesBlindly = blind,
            Verbs = verbs ?? ResourceKind.AllVerbs,
            Collection = stored?.Collection!,
            StoredApiVersion = stored?.ApiVersion!,
            FromStored = stored is null ? null : EventRules.ToEventsV1,
            ToStored = stored is null ? null : EventRules.ToCoreV1,
        };
    }
}
