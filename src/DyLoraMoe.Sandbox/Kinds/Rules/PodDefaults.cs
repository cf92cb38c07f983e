using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;

namespace DyLoraMoe.Sandbox.Kinds;

/// <summary>The defaults of a pod's spec, alone or in a template.</summary>
internal static class PodDefaults
{
    private static readonly string[] ContainerLists = ["initContainers", "containers"];
    private static readonly string[] Probes = ["livenessProbe", "readinessProbe", "startupProbe"];

    /// <summary>Fills a pod template.</summary>
    public static void FillTemplate(JsonNode? template)
    {
        if (template.Map("spec") is { } spec)
        {
            Fill(spec);
        }
    }

    /// <summary>Fills a pod spec.</summary>
    public static void Fill(JsonObject spec)
    {
        spec.Default("restartPolicy", "Always");
        spec.Default("terminationGracePeriodSeconds", 30);
        spec.Default("dnsPolicy", "ClusterFirst");
        spec.Default("schedulerName", "default-scheduler");
        spec.Default("securityContext", new JsonObject());
        if (spec.Text("serviceAccountName") is { Length: > 0 } account)
        {
            spec["serviceAccount"] = account;
        }
        else if (spec.Text("serviceAccount") is { Length: > 0 } old)
        {
            spec["serviceAccountName"] = old;
        }

        foreach (JsonObject container in ContainerLists.SelectMany(list => spec.Items(list)).OfType<JsonObject>())
        {
            FillContainer(container);
        }

        foreach (JsonObject volume in spec.Items("volumes").OfType<JsonObject>())
        {
            FillVolume(volume);
        }
    }

    /// <summary>A pod asks for what it is limited to where it does not say what it asks for; a template stays as it was written.</summary>
    public static void FillRequests(JsonObject spec)
    {
        foreach (JsonObject container in ContainerLists.SelectMany(list => spec.Items(list)).OfType<JsonObject>())
        {
            foreach ((string name, JsonNode? amount) in container.Map("resources", "limits") ?? [])
            {
                container.Ensure("resources", "requests").Default(name, amount?.DeepClone());
            }
        }
    }

    private static void FillContainer(JsonObject container)
    {
        container.Default("resources", new JsonObject());
        container.Default("terminationMessagePath", "/dev/termination-log");
        container.Default("terminationMessagePolicy", "File");
        string image = container.Text("image") ?? "";
        string tag = image[(image.LastIndexOf('/') + 1)..];
        container.Default("imagePullPolicy", !tag.Contains('@', StringComparison.Ordinal)
            && (!tag.Contains(':', StringComparison.Ordinal) || tag.EndsWith(":latest", StringComparison.Ordinal)) ? "Always" : "IfNotPresent");
        foreach (JsonObject port in container.Items("ports").OfType<JsonObject>())
        {
            port.Default("protocol", "TCP");
        }

        foreach (JsonObject variable in container.Items("env").OfType<JsonObject>())
        {
            variable.Map("valueFrom", "fieldRef")?.Default("apiVersion", "v1");
        }

        foreach (JsonObject probe in Probes.Select(name => container.Map(name)).OfType<JsonObject>())
        {
            probe.Default("timeoutSeconds", 1);
            probe.Default("periodSeconds", 10);
            probe.Default("successThreshold", 1);
            probe.Default("failureThreshold", 3);
            FillHttp(probe.Map("httpGet"));
        }

        FillHttp(container.Map("lifecycle", "preStop", "httpGet"));
        FillHttp(container.Map("lifecycle", "postStart", "httpGet"));
    }

    private static void FillHttp(JsonObject? get)
    {
        get?.Default("path", "/");
        get?.Default("scheme", "HTTP");
    }

    private static void FillVolume(JsonObject volume)
    {
        volume.Map("configMap")?.Default("defaultMode", 420);
        volume.Map("secret")?.Default("defaultMode", 420);
        volume.Map("downwardAPI")?.Default("defaultMode", 420);
        volume.Map("hostPath")?.Default("type", "");
        if (volume.Map("projected") is { } projected)
        {
            projected.Default("defaultMode", 420);
            foreach (JsonObject token in projected.Items("sources").Select(source => source.Map("serviceAccountToken")).OfType<JsonObject>())
            {
                token.Default("expirationSeconds", 3600);
            }
        }

        if (volume.All(field => field.Key == "name"))
        {
            volume["emptyDir"] = new JsonObject();
        }
    }
}
