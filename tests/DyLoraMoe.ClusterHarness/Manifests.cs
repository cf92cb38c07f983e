using System.Globalization;

namespace DyLoraMoe.ClusterHarness;

/// <summary>Manifests as a person would write them.</summary>
internal static class Manifests
{
    public static string Store { get; } = """
        apiVersion: v1
        kind: PersistentVolumeClaim
        metadata: {name: artifacts}
        spec:
          accessModes: [ReadWriteMany]
          resources: {requests: {storage: 1Gi}}
        """;

    public static string Backbone(string name = "tiny", bool stub = true, int maxExperts = 64, int maxConcurrentJobs = 2, int replicas = 1, string serving = "", string training = "", string more = "") => $$"""
        apiVersion: dylora.dev/v1alpha1
        kind: Backbone
        metadata:
          name: {{name}}
        spec:
          source: {builtin: dylora-tiny}
          store: {persistentVolumeClaim: {claimName: artifacts} }
          maxExperts: {{maxExperts}}
          {{more}}
          training: {image: "{{TestCluster.ImageOf(stub)}}", maxConcurrentJobs: {{maxConcurrentJobs}}{{(training.Length > 0 ? ", " + training : "")}} }
          serving: {image: "{{TestCluster.ImageOf(stub)}}", replicas: {{replicas}}{{(serving.Length > 0 ? ", " + serving : "")}} }
        """;

    /// <summary>A skill whose data are told apart by <paramref name="seed"/>, with directives for the stub trainer.</summary>
    public static string Skill(string name, string directives = "", int samples = 100, int seed = 0, string backbone = "tiny", string more = "") => $$"""
        apiVersion: dylora.dev/v1alpha1
        kind: Skill
        metadata:
          name: {{name}}
        spec:
          backboneRef:
            name: {{backbone}}
          {{more}}
          data:
            inline: |
        {{Indented(string.Join('\n', directives.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(directive => "stub: " + directive).Concat(Samples(name, samples, seed))))}}
        """;

    /// <summary>A night for a backbone's experts, with more of its spec as flow YAML.</summary>
    public static string Night(string name, string more = "", string backbone = "tiny") => $$"""
        apiVersion: dylora.dev/v1alpha1
        kind: Consolidation
        metadata: {name: {{name}}}
        spec: {backboneRef: {name: {{backbone}}}, {{more}}}
        """;

    /// <summary>A growth of a backbone, with more of its spec as flow YAML.</summary>
    public static string Growth(string name, string more, string backbone = "tiny") => $$"""
        apiVersion: dylora.dev/v1alpha1
        kind: Growth
        metadata: {name: {{name}}}
        spec: {backboneRef: {name: {{backbone}}}, {{more}}}
        """;

    public static string All(params string[] manifests) => string.Join("\n---\n", manifests);

    private static IEnumerable<string> Samples(string name, int count, int seed) =>
        Enumerable.Range(0, count).Select(index => string.Create(CultureInfo.InvariantCulture, $$"""{"prompt": "{{name}} {{seed}} {{index}} ->", "answer": "{{index}}"}"""));

    private static string Indented(string text) => string.Join('\n', text.Split('\n').Select(line => "      " + line));
}
