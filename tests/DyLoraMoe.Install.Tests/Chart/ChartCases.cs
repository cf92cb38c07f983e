namespace DyLoraMoe.Install.Tests.Chart;

/// <summary>Sets of values: those that people use, and those that the chart refuses.</summary>
internal static class ChartCases
{
    private const string Digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    public static ChartCase Defaults { get; } = new("defaults");

    public static ChartCase Namespaced { get; } = new("one namespace") { Set = ["scope=namespace", "watchNamespace=team"] };

    public static ChartCase Monitored { get; } = new("monitoring")
    {
        Set = ["metrics.serviceMonitor.enabled=true", "metrics.podMonitor.enabled=true", "metrics.prometheusRule.enabled=true", "metrics.dashboards.enabled=true"],
    };

    public static IReadOnlyList<ChartCase> Good { get; } =
    [
        Defaults,
        Namespaced,
        Monitored,
        new("the release's own namespace") { Namespace = "team", Set = ["scope=namespace", "crds.install=false", "rbac.userRoles=false"] },
        new("no network but a mirror")
        {
            Set = ["global.imageRegistry=registry.example.com:5000/mirror", "global.imagePullSecrets={mirror,other}", $"operator.image.digest={Digest}", $"runtime.image.digest={Digest}"],
        },
        new("registries of their own") { Set = ["global.imageRegistry=ghcr.io", "operator.image.registry=quay.io/acme", "operator.image.tag=1.2.3", "runtime.image.tag=0.1.0-cpu", "operator.image.pullPolicy=Always"] },
        new("one replica") { Set = ["operator.replicas=1", "operator.leaderElection=false"] },
        new("many replicas on nodes of their own")
        {
            Yaml = """
                operator:
                  replicas: 3
                  priorityClassName: system-cluster-critical
                  nodeSelector: {node-role.kubernetes.io/control-plane: "", kubernetes.io/arch: null}
                  tolerations:
                    - {key: node-role.kubernetes.io/control-plane, operator: Exists, effect: NoSchedule}
                  affinity:
                    podAntiAffinity:
                      requiredDuringSchedulingIgnoredDuringExecution:
                        - topologyKey: topology.kubernetes.io/zone
                          labelSelector: {matchLabels: {app.kubernetes.io/name: dylora-operator} }
                  topologySpreadConstraints:
                    - maxSkew: 1
                      topologyKey: topology.kubernetes.io/zone
                      whenUnsatisfiable: DoNotSchedule
                      labelSelector: {matchLabels: {app.kubernetes.io/name: dylora-operator} }
                  podDisruptionBudget: {maxUnavailable: 50%}
                """,
        },
        new("options and environment")
        {
            Yaml = """
                operator:
                  options: {parallel: 16, resyncSeconds: 900, keptRevisions: 3, progressDeadlineSeconds: 1200, collectSeconds: 3600, trafficSeconds: 0, cacheSize: 500Gi, bucketRetrySeconds: 60, otlpEndpoint: "http://otel.monitoring:4317"}
                  extraEnv:
                    - {name: OTEL_RESOURCE_ATTRIBUTES, value: "deployment.environment=test"}
                    - name: NODE_NAME
                      valueFrom: {fieldRef: {fieldPath: spec.nodeName} }
                """,
        },
        new("closed networks")
        {
            Yaml = """
                networkPolicy:
                  enabled: true
                  apiServerPorts: [6443]
                  apiServerCidrs: [10.0.0.1/32]
                  workloads: true
                  metricsFrom:
                    - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: monitoring} }
                  routersFrom:
                    - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: web} }
                  extraEgress:
                    - ports: [{port: 4317, protocol: TCP}]
                  workloadEgress:
                    - ports: [{port: 9000, protocol: TCP}]
                """,
        },
        new("closed networks of teams")
        {
            Yaml = """
                networkPolicy:
                  enabled: true
                  dnsTo: []
                  workloads: true
                  workloadNamespaces: [red, blue]
                """,
        },
        new("networks that are open to all") { Set = ["networkPolicy.enabled=true"] },
        new("a backbone")
        {
            KnowsBackbones = true,
            Set = ["backbone.create=true", "backbone.store.size=100Gi", "backbone.store.storageClassName=fast", "backbone.store.accessModes={ReadWriteMany}", "global.imagePullSecrets={mirror}"],
        },
        new("a backbone of one's own, in the watched namespace")
        {
            KnowsBackbones = true,
            Yaml = """
                scope: namespace
                watchNamespace: team
                backbone:
                  create: true
                  name: assistant
                  store: {create: false}
                  spec:
                    source: {builtin: null, persistentVolumeClaim: {claimName: models, path: llama} }
                    dtype: bfloat16
                    training: {queueName: research, maxConcurrentJobs: 2}
                    serving: {imagePullSecrets: [{name: own}], replicas: 2}
                """,
        },
        new("a backbone in buckets")
        {
            KnowsBackbones = true,
            Yaml = """
                backbone:
                  create: true
                  store: {create: false}
                  spec:
                    source: {builtin: null, s3: {bucket: models, prefix: llama} }
                    store: {persistentVolumeClaim: null, s3: {bucket: experts, credentialsSecretRef: {name: bucket} } }
                """,
        },
        new("names with dots")
        {
            Set = ["global.imagePullSecrets={registry.example.com,mirror}", "serviceAccount.name=operator.dylora.dev"],
        },
        new("rights and accounts by somebody else") { Set = ["rbac.create=false", "rbac.userRoles=false", "serviceAccount.create=false", "serviceAccount.name=given", "crds.install=false"] },
        new("another name")
        {
            Release = "second",
            Namespace = "second",
            Set = ["fullnameOverride=second-operator", "crds.install=false", "rbac.userRoles=false", "commonLabels.team=research", "serviceAccount.annotations.owner=me"],
        },
        new("everything, on another port")
        {
            KnowsBackbones = true,
            Set =
            [
                "metrics.port=9090", "metrics.scrapeAnnotations=false", "metrics.serviceMonitor.enabled=true", "metrics.podMonitor.enabled=true", "metrics.prometheusRule.enabled=true",
                "metrics.prometheusRule.disabled={DyloraSetRefused,DyloraRouterDrift}", "metrics.prometheusRule.runbookUrl=https://wiki.example.com/dylora", "metrics.prometheusRule.labels.release=prometheus",
                "metrics.dashboards.enabled=true", "networkPolicy.enabled=true", "networkPolicy.workloads=true", "backbone.create=true", "crds.keep=false",
            ],
        },
        new("no metrics to be had") { Set = ["metrics.service.enabled=false", "metrics.scrapeAnnotations=false", "operator.podDisruptionBudget.enabled=false"] },
        new("labels that meet")
        {
            Yaml = """
                commonLabels: {team: research, app.kubernetes.io/name: mine, app.kubernetes.io/version: mine}
                operator:
                  podLabels: {team: serving, app.kubernetes.io/name: mine}
                  podAnnotations: {prometheus.io/scrape: "false"}
                metrics:
                  serviceMonitor: {enabled: true, labels: {team: metrics} }
                  podMonitor: {enabled: true, labels: {team: metrics} }
                  prometheusRule: {enabled: true, labels: {team: metrics} }
                  dashboards: {enabled: true, label: team, labelValue: dashboards}
                """,
        },
        new("names that YAML takes for numbers and truths")
        {
            Release = "2024",
            Namespace = "2024",
            KnowsBackbones = true,
            Yaml = """
                fullnameOverride: "true"
                scope: namespace
                watchNamespace: "1e3"
                global: {imagePullSecrets: ["0"]}
                serviceAccount: {name: "007"}
                operator: {priorityClassName: "null"}
                backbone: {create: true, name: "on", spec: {store: {persistentVolumeClaim: {claimName: "12"} } } }
                networkPolicy: {enabled: true, workloads: true, routersFrom: [{podSelector: {} }]}
                metrics: {serviceMonitor: {enabled: true}, podMonitor: {enabled: true}, prometheusRule: {enabled: true}, dashboards: {enabled: true} }
                """,
        },
        new("a part of another chart") { Set = ["enabled=true", "global.environment=prod", "global.imageRegistry=registry.example.com"] },
        new("nobody at work") { Set = ["operator.replicas=0"] },
        new("users that the cluster gives") { Set = ["operator.runAsUser=null,operator.runAsGroup=null"] },
        new("any node") { Set = ["operator.nodeSelector=null", "operator.options=null", "commonLabels=null", "global.imagePullSecrets=null"] },
    ];

    /// <summary>What the schema refuses: the values, and where in them the message points.</summary>
    public static IReadOnlyList<(string Set, string Where)> Refused { get; } =
    [
        ("replicas=3", "/replicas"),
        ("operator.replica=3", "/operator/replica"),
        ("operator.replicas=-1", "/operator/replicas"),
        ("operator.replicas=two", "/operator/replicas"),
        ("operator.replicas=50", "/operator/replicas"),
        ("fullnameOverride=2nd", "/fullnameOverride"),
        ("scope=everything", "/scope"),
        ("watchNamespace=Team_A", "/watchNamespace"),
        ("operator.image.tag=1.0:debug", "/operator/image/tag"),
        ("operator.image.digest=sha256:12", "/operator/image/digest"),
        ("operator.image.repository=Dylora Operator", "/operator/image/repository"),
        ("operator.image.pullPolicy=Sometimes", "/operator/image/pullPolicy"),
        ("global.imageRegistry=https://registry.example.com", "/global/imageRegistry"),
        ("global.imagePullSecrets=mirror", "/global/imagePullSecrets"),
        ("operator.runAsUser=0", "/operator/runAsUser"),
        ("operator.options.paralel=4", "/operator/options/paralel"),
        ("operator.options.parallel=0", "/operator/options/parallel"),
        ("operator.options.otlpEndpoint=otel:4317", "/operator/options/otlpEndpoint"),
        ("operator.resources.limits.memory=512 MB", "/operator/resources/limits/memory"),
        ("operator.tolerations[0].effect=Never", "/operator/tolerations/0/effect"),
        ("operator.podDisruptionBudget.maxUnavailable=0", "/operator/podDisruptionBudget/maxUnavailable"),
        ("metrics.port=80", "/metrics/port"),
        ("metrics.serviceMonitor.interval=often", "/metrics/serviceMonitor/interval"),
        ("metrics.prometheusRule.runbookUrl=docs/operations/runbook.md", "/metrics/prometheusRule/runbookUrl"),
        ("metrics.prometheusRule.disabled={Everything}", "/metrics/prometheusRule/disabled/0"),
        ("networkPolicy.apiServerPorts={}", "/networkPolicy/apiServerPorts"),
        ("networkPolicy.apiServerCidrs={10.0.0.1}", "/networkPolicy/apiServerCidrs/0"),
        ("networkPolicy.workloadNamespaces={Red}", "/networkPolicy/workloadNamespaces/0"),
        ("backbone.name=Tiny", "/backbone/name"),
        ("backbone.name=a-name-that-is-longer-than-forty-characters", "/backbone/name"),
        ("backbone.spec.source.s3.bucket=models", "/backbone/spec/source"),
        ("backbone.spec.source.builtin=null", "/backbone/spec/source"),
        ("backbone.spec.store.s3.bucket=experts", "/backbone/spec/store"),
        ("global.imagePullSecrets={registry..example.com}", "/global/imagePullSecrets/0"),
        ("serviceAccount.name=Operator", "/serviceAccount/name"),
        ("metrics.dashboards.label=grafana dashboard", "/metrics/dashboards/label"),
        ("metrics.dashboards.labelValue=for Grafana", "/metrics/dashboards/labelValue"),
        ("backbone.store.accessModes={ReadOnlyMany}", "/backbone/store/accessModes/0"),
        ("commonLabels.team=not a label", "/commonLabels/team"),
        ("crds.install=yes", "/crds/install"),
    ];

    /// <summary>What fits the schema value by value and not together: the values, and a part of the message.</summary>
    public static IReadOnlyList<(string[] Set, string Message)> Contradictions { get; } =
    [
        (["operator.image.tag=latest"], "name a version"),
        (["runtime.image.tag=latest"], "name a version"),
        (["operator.leaderElection=false"], "two replicas would work at once"),
        (["watchNamespace=team"], "scope must be namespace"),
        (["metrics.serviceMonitor.enabled=true", "metrics.service.enabled=false"], "metrics.service.enabled must be true"),
        (["networkPolicy.workloads=true"], "networkPolicy.enabled must be true"),
        (["scope=namespace", "networkPolicy.enabled=true", "networkPolicy.workloads=true", "networkPolicy.workloadNamespaces={red}"], "in the watched one"),
        (["serviceAccount.create=false"], "serviceAccount.name must name an account"),
        (["backbone.create=true"], "then run helm upgrade with it"),
    ];
}
