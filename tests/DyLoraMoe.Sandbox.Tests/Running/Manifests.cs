namespace DyLoraMoe.Sandbox.Tests.Running;

/// <summary>Objects that tests apply.</summary>
internal static class Manifests
{
    public static string Deployment(string name, int replicas = 1) => $$"""
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: {{name}}, labels: {app: {{name}} } }
        spec:
          replicas: {{replicas}}
          selector: {matchLabels: {app: {{name}} } }
          template:
            metadata: {labels: {app: {{name}} } }
            spec:
              terminationGracePeriodSeconds: 2
              containers: [{name: main, image: "test:1", command: [sleeper]}]
        """;

    public static string Job(string name, string command, int backoffLimit = 0, string podFailurePolicy = "null") => $$"""
        apiVersion: batch/v1
        kind: Job
        metadata: {name: {{name}} }
        spec:
          backoffLimit: {{backoffLimit}}
          podFailurePolicy: {{podFailurePolicy}}
          template: {spec: {restartPolicy: Never, containers: [{name: main, image: "test:1", command: {{command}} }] } }
        """;

    public static string ConfigMap(string name, string data = "{k: v}", string metadata = "") => $$"""
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: {{name}}{{metadata}} }
        data: {{data}}
        """;

    public const string Widgets = """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: widgets.example.com}
        spec:
          group: example.com
          scope: Namespaced
          names: {plural: widgets, singular: widget, kind: Widget, shortNames: [wd]}
          versions:
          - name: v1
            served: true
            storage: true
            subresources: {status: {}, scale: {specReplicasPath: .spec.size, statusReplicasPath: .status.size} }
            additionalPrinterColumns: [{name: Size, type: integer, jsonPath: .spec.size}]
            schema:
              openAPIV3Schema:
                description: A widget.
                type: object
                properties:
                  spec:
                    type: object
                    required: [size]
                    properties:
                      size: {type: integer, minimum: 0, maximum: 9, description: How big it is.}
                      color: {type: string, default: red, enum: [red, green]}
                      name: {type: string, x-kubernetes-validations: [{rule: self == oldSelf, message: the name stays}]}
                      anything: {x-kubernetes-preserve-unknown-fields: true}
                  status:
                    type: object
                    properties: {size: {type: integer} }
        """;
}
