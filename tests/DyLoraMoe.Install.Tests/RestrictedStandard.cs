using System.Text.Json.Nodes;

namespace DyLoraMoe.Install.Tests;

/// <summary>The restricted pod security standard, and what this project asks besides: a read-only root, requests and a limit on memory, a named image.</summary>
internal static class RestrictedStandard
{
    private static readonly string[] _volumes = ["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"];

    public static List<string> Violations(JsonObject manifest)
    {
        var spec = manifest.PodSpec()!;
        var found = new List<string>();
        Ask((bool?)spec["securityContext"]?["runAsNonRoot"] == true, "runAsNonRoot");
        Ask((long?)spec["securityContext"]?["runAsUser"] is null or > 0, "runAsUser");
        Ask((string?)spec["securityContext"]?["seccompProfile"]?["type"] == "RuntimeDefault", "seccompProfile");
        Ask(spec["hostNetwork"] is null && spec["hostPID"] is null && spec["hostIPC"] is null, "host namespaces");
        foreach (var volume in spec["volumes"]?.AsArray() ?? [])
        {
            Ask(volume!.AsObject().Where(field => field.Key != "name").All(field => _volumes.Contains(field.Key)), $"volume {volume["name"]}");
        }

        foreach (var container in (spec["containers"]!.AsArray()).Concat(spec["initContainers"]?.AsArray() ?? []))
        {
            var security = container!["securityContext"];
            Ask((bool?)security?["allowPrivilegeEscalation"] == false, "allowPrivilegeEscalation");
            Ask((bool?)security?["readOnlyRootFilesystem"] == true, "readOnlyRootFilesystem");
            Ask(security?["privileged"] is null, "privileged");
            Ask(security?["capabilities"]?["drop"].Texts().SequenceEqual(["ALL"]) == true && security["capabilities"]!["add"] is null, "capabilities");
            Ask(container["ports"]?.AsArray().All(port => port!["hostPort"] is null) != false, "hostPort");
            Ask(container["resources"]?["requests"]?["cpu"] is not null && container["resources"]?["limits"]?["memory"] is not null, "resources");
            Ask(((string)container["image"]!).LastIndexOf(':') > ((string)container["image"]!).LastIndexOf('/') && !((string)container["image"]!).EndsWith(":latest", StringComparison.Ordinal), "image");
        }

        return found;

        void Ask(bool holds, string what)
        {
            if (!holds)
            {
                found.Add($"{manifest.Key()}: {what}");
            }
        }
    }
}
