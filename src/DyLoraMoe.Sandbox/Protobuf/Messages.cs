using System.Globalization;

namespace DyLoraMoe.Sandbox.Protobuf;

/// <summary>A field of a message: its name in JSON and the type of its value.</summary>
internal sealed record MessageField(string Name, string Type);

/// <summary>
/// The messages that <c>kubectl</c> sends in protobuf: what <c>create</c>, <c>auth</c> and <c>drain</c> make. Each field is
/// <c>number name type</c>, where <c>[type]</c> is a list, <c>{type}</c> a map from text and <c>-</c> a field that the server fills itself.
/// </summary>
internal static class Messages
{
    private static readonly Dictionary<string, Dictionary<int, MessageField>> All = new(StringComparer.Ordinal)
    {
        ["ObjectMeta"] = Fields("""
            1 name string, 2 generateName string, 3 namespace string, 4 selfLink -, 5 uid string, 6 resourceVersion string, 7 generation -, 8 creationTimestamp -,
            9 deletionTimestamp -, 10 deletionGracePeriodSeconds -, 11 labels {string}, 12 annotations {string}, 13 ownerReferences [OwnerReference], 14 finalizers [string], 17 managedFields -
            """),
        ["OwnerReference"] = Fields("1 kind string, 3 name string, 4 uid string, 5 apiVersion string, 6 controller bool, 7 blockOwnerDeletion bool"),
        ["LabelSelector"] = Fields("1 matchLabels {string}, 2 matchExpressions [LabelSelectorRequirement]"),
        ["LabelSelectorRequirement"] = Fields("1 key string, 2 operator string, 3 values [string]"),
        ["DeleteOptions"] = Fields("1 gracePeriodSeconds int, 2 preconditions Preconditions, 3 orphanDependents bool, 4 propagationPolicy string, 5 dryRun [string]"),
        ["Preconditions"] = Fields("1 uid string, 2 resourceVersion string"),

        ["ConfigMap"] = Fields("1 metadata ObjectMeta, 2 data {string}, 3 binaryData {bytes}, 4 immutable bool"),
        ["Secret"] = Fields("1 metadata ObjectMeta, 2 data {bytes}, 3 type string, 4 stringData {string}, 5 immutable bool"),
        ["ServiceAccount"] = Fields("1 metadata ObjectMeta, 2 secrets [ObjectReference], 3 imagePullSecrets [LocalObjectReference], 4 automountServiceAccountToken bool"),
        ["Namespace"] = Fields("1 metadata ObjectMeta, 2 spec NamespaceSpec, 3 status -"),
        ["NamespaceSpec"] = Fields("1 finalizers [string]"),
        ["ObjectReference"] = Fields("1 kind string, 2 namespace string, 3 name string, 4 uid string, 5 apiVersion string, 6 resourceVersion string, 7 fieldPath string"),
        ["LocalObjectReference"] = Fields("1 name string"),
        ["Service"] = Fields("1 metadata ObjectMeta, 2 spec ServiceSpec, 3 status -"),
        ["ServiceSpec"] = Fields("1 ports [ServicePort], 2 selector {string}, 3 clusterIP string, 4 type string, 5 externalIPs [string], 7 sessionAffinity string, 10 externalName string, 18 clusterIPs [string]"),
        ["ServicePort"] = Fields("1 name string, 2 protocol string, 3 port int, 4 targetPort IntOrString, 5 nodePort int, 6 appProtocol string"),
        ["ResourceQuota"] = Fields("1 metadata ObjectMeta, 2 spec ResourceQuotaSpec, 3 status -"),
        ["ResourceQuotaSpec"] = Fields("1 hard {Quantity}, 2 scopes [string]"),

        ["PodTemplateSpec"] = Fields("1 metadata ObjectMeta, 2 spec PodSpec"),
        ["PodSpec"] = Fields("""
            2 containers [Container], 3 restartPolicy string, 4 terminationGracePeriodSeconds int, 5 activeDeadlineSeconds int, 6 dnsPolicy string, 7 nodeSelector {string},
            8 serviceAccountName string, 9 serviceAccount string, 10 nodeName string, 15 imagePullSecrets [LocalObjectReference], 19 schedulerName string,
            20 initContainers [Container], 24 priorityClassName string
            """),
        ["Container"] = Fields("""
            1 name string, 2 image string, 3 command [string], 4 args [string], 5 workingDir string, 6 ports [ContainerPort], 7 env [EnvVar], 8 resources ResourceRequirements,
            13 terminationMessagePath string, 14 imagePullPolicy string, 20 terminationMessagePolicy string
            """),
        ["ContainerPort"] = Fields("1 name string, 2 hostPort int, 3 containerPort int, 4 protocol string, 5 hostIP string"),
        ["EnvVar"] = Fields("1 name string, 2 value string"),
        ["ResourceRequirements"] = Fields("1 limits {Quantity}, 2 requests {Quantity}"),

        ["Deployment"] = Fields("1 metadata ObjectMeta, 2 spec DeploymentSpec, 3 status -"),
        ["DeploymentSpec"] = Fields("1 replicas int, 2 selector LabelSelector, 3 template PodTemplateSpec, 4 strategy DeploymentStrategy, 5 minReadySeconds int, 6 revisionHistoryLimit int, 7 paused bool, 9 progressDeadlineSeconds int"),
        ["DeploymentStrategy"] = Fields("1 type string, 2 rollingUpdate RollingUpdateDeployment"),
        ["RollingUpdateDeployment"] = Fields("1 maxUnavailable IntOrString, 2 maxSurge IntOrString"),
        ["Job"] = Fields("1 metadata ObjectMeta, 2 spec JobSpec, 3 status -"),
        ["JobSpec"] = Fields("""
            1 parallelism int, 2 completions int, 3 activeDeadlineSeconds int, 4 selector LabelSelector, 5 manualSelector bool, 6 template PodTemplateSpec,
            7 backoffLimit int, 8 ttlSecondsAfterFinished int, 9 completionMode string, 10 suspend bool
            """),
        ["PodDisruptionBudget"] = Fields("1 metadata ObjectMeta, 2 spec PodDisruptionBudgetSpec, 3 status -"),
        ["PodDisruptionBudgetSpec"] = Fields("1 minAvailable IntOrString, 2 selector LabelSelector, 3 maxUnavailable IntOrString, 4 unhealthyPodEvictionPolicy string"),
        ["Eviction"] = Fields("1 metadata ObjectMeta, 2 deleteOptions DeleteOptions"),
        ["PriorityClass"] = Fields("1 metadata ObjectMeta, 2 value int, 3 globalDefault bool, 4 description string, 5 preemptionPolicy string"),

        ["Role"] = Fields("1 metadata ObjectMeta, 2 rules [PolicyRule]"),
        ["ClusterRole"] = Fields("1 metadata ObjectMeta, 2 rules [PolicyRule]"),
        ["RoleBinding"] = Fields("1 metadata ObjectMeta, 2 subjects [Subject], 3 roleRef RoleRef"),
        ["ClusterRoleBinding"] = Fields("1 metadata ObjectMeta, 2 subjects [Subject], 3 roleRef RoleRef"),
        ["PolicyRule"] = Fields("1 verbs [string], 2 apiGroups [string], 3 resources [string], 4 resourceNames [string], 5 nonResourceURLs [string]"),
        ["Subject"] = Fields("1 kind string, 2 apiGroup string, 3 name string, 4 namespace string"),
        ["RoleRef"] = Fields("1 apiGroup string, 2 kind string, 3 name string"),

        ["SelfSubjectAccessReview"] = Fields("1 metadata ObjectMeta, 2 spec SelfSubjectAccessReviewSpec, 3 status -"),
        ["SelfSubjectAccessReviewSpec"] = Fields("1 resourceAttributes ResourceAttributes, 2 nonResourceAttributes NonResourceAttributes"),
        ["ResourceAttributes"] = Fields("1 namespace string, 2 verb string, 3 group string, 4 version string, 5 resource string, 6 subresource string, 7 name string"),
        ["NonResourceAttributes"] = Fields("1 path string, 2 verb string"),
        ["SelfSubjectRulesReview"] = Fields("1 metadata ObjectMeta, 2 spec SelfSubjectRulesReviewSpec, 3 status -"),
        ["SelfSubjectRulesReviewSpec"] = Fields("1 namespace string"),
        ["SelfSubjectReview"] = Fields("1 metadata ObjectMeta, 2 status -"),
        ["TokenRequest"] = Fields("1 metadata ObjectMeta, 2 spec TokenRequestSpec, 3 status -"),
        ["TokenRequestSpec"] = Fields("1 audiences [string], 4 expirationSeconds int"),
    };

    /// <summary>The fields of a message by number; null when it is not one that is read here.</summary>
    public static IReadOnlyDictionary<int, MessageField>? Find(string message) => All.GetValueOrDefault(message);

    private static Dictionary<int, MessageField> Fields(string text) => text
        .Split(',', StringSplitOptions.TrimEntries)
        .Select(field => field.Split(' '))
        .ToDictionary(parts => int.Parse(parts[0], CultureInfo.InvariantCulture), parts => new MessageField(parts[1], parts[2]));
}
