using System.Globalization;
using System.Text;
using DyLoraMoe.Sandbox.Controllers;
using k8s.Models;

namespace DyLoraMoe.Sandbox.Kubelet;

/// <summary>What to start for a container: program, arguments, environment and folder, with all paths as they are on this machine.</summary>
internal sealed record LaunchPlan(
    IReadOnlyList<string> Command, IReadOnlyDictionary<string, string> Environment, string WorkingDirectory, PathRewriter Paths, string? Image);

/// <summary>Makes the plan of a container.</summary>
internal sealed class LaunchPlanner(ClusterOptions options, ImageCatalog images, PodSources sources, Uri server)
{
    private const string TokenFolder = "/var/run/secrets/kubernetes.io/serviceaccount";
    private const string SystemPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    public async Task<LaunchPlan> PlanAsync(
        V1Pod pod, V1Container container, PodFolder folder, IReadOnlyDictionary<string, string> volumes, string podIp, CancellationToken cancellation)
    {
        var image = images.Find(container.Image)
            ?? throw new SetupException("ErrImagePull", $"no folder stands for the image \"{container.Image}\"; start the sandbox with --image {container.Image}=DIR");
        if (!Directory.Exists(image))
        {
            throw new SetupException("ErrImagePull", $"the folder {image} of the image \"{container.Image}\" does not exist");
        }

        var paths = new PathRewriter(Mounts(container, folder, volumes));
        var environment = await EnvironmentAsync(pod, container, folder, image, podIp, paths, cancellation);
        var command = (container.Command ?? []).Concat(container.Args ?? [])
            .Select(part => paths.Rewrite(Expansion.Expand(part, environment))).ToList();
        if (container.Command is not { Count: > 0 })
        {
            command.Insert(0, EntryPoint(image, container.Image));
        }
        else
        {
            command[0] = ProgramPath.Resolve(image, command[0], environment["PATH"])
                ?? throw new SetupException("RunContainerError", $"exec: \"{container.Command[0]}\": not found in {image} or in PATH");
        }

        var directory = string.IsNullOrEmpty(container.WorkingDir) ? image : paths.Rewrite(container.WorkingDir);
        if (!Directory.Exists(directory))
        {
            var inside = Path.Combine(image, directory.TrimStart('/'));
            directory = Directory.Exists(inside) ? inside : image;
        }

        return new LaunchPlan(command, environment, directory, paths, image);
    }

    /// <summary>The kubeconfig of a pod: its service account at the sandbox's server.</summary>
    public string Kubeconfig(V1Pod pod, string token)
    {
        var trust = options.CertificateAuthority is { } authority
            ? $"\n    certificate-authority-data: {Convert.ToBase64String(Encoding.UTF8.GetBytes(authority))}"
            : "";
        return $"""
            apiVersion: v1
            kind: Config
            current-context: pod
            clusters:
            - name: sandbox
              cluster:
                server: {server.ToString().TrimEnd('/')}{trust}
            users:
            - name: pod
              user:
                token: {token}
            contexts:
            - name: pod
              context:
                cluster: sandbox
                user: pod
                namespace: {pod.Metadata.NamespaceProperty}

            """;
    }

    private static Dictionary<string, string> Mounts(V1Container container, PodFolder folder, IReadOnlyDictionary<string, string> volumes)
    {
        var mounts = new Dictionary<string, string>
        {
            [TokenFolder] = folder.ServiceAccount,
            [TerminationPath(container)] = folder.TerminationMessage(container.Name),
        };
        foreach (var mount in container.VolumeMounts ?? [])
        {
            if (!volumes.TryGetValue(mount.Name, out var place))
            {
                throw new SetupException("CreateContainerConfigError", $"volumeMount \"{mount.Name}\" names no volume");
            }

            var inside = string.IsNullOrEmpty(mount.SubPath) ? place : Path.Combine(place, mount.SubPath.TrimStart('/'));
            if (!Path.Exists(inside))
            {
                Directory.CreateDirectory(inside);
            }

            mounts[mount.MountPath] = inside;
        }

        return mounts;
    }

    public static string TerminationPath(V1Container container) =>
        string.IsNullOrEmpty(container.TerminationMessagePath) ? "/dev/termination-log" : container.TerminationMessagePath;

    private static string EntryPoint(string image, string name)
    {
        foreach (var candidate in (string[])["entrypoint", ImageCatalog.ShortName(name)])
        {
            if (ProgramPath.IsProgram(Path.Combine(image, candidate)))
            {
                return Path.Combine(image, candidate);
            }
        }

        throw new SetupException(
            "RunContainerError",
            $"the container names no command, and {image} holds no program 'entrypoint' or '{ImageCatalog.ShortName(name)}'");
    }

    private async Task<IReadOnlyDictionary<string, string>> EnvironmentAsync(
        V1Pod pod, V1Container container, PodFolder folder, string image, string podIp, PathRewriter paths, CancellationToken cancellation)
    {
        var variables = new Dictionary<string, string>
        {
            ["PATH"] = $"{image}:{Path.Combine(image, "bin")}:{SystemPath}",
            ["HOME"] = folder.Home,
            ["TMPDIR"] = folder.Temporary,
            ["HOSTNAME"] = string.IsNullOrEmpty(pod.Spec.Hostname) ? pod.Metadata.Name : pod.Spec.Hostname,
            ["LANG"] = "C.UTF-8",
        };
        foreach (var name in (string[])["TZ", .. options.PassEnvironment])
        {
            if (System.Environment.GetEnvironmentVariable(name) is { Length: > 0 } value)
            {
                variables[name] = value;
            }
        }

        if (options.Gpus > 0 && !(container.Resources?.Limits?.ContainsKey("nvidia.com/gpu") == true))
        {
            variables["CUDA_VISIBLE_DEVICES"] = "";
        }

        if (pod.Spec.EnableServiceLinks != false)
        {
            await AddServicesAsync(variables, pod.Metadata.NamespaceProperty, cancellation);
        }

        variables["KUBERNETES_SERVICE_HOST"] = server.Host;
        variables["KUBERNETES_SERVICE_PORT"] = server.Port.ToString(CultureInfo.InvariantCulture);
        if (pod.Spec.AutomountServiceAccountToken != false)
        {
            variables["KUBECONFIG"] = folder.Kubeconfig;
        }

        await AddSourcesAsync(variables, pod, container, cancellation);
        foreach (var variable in container.Env ?? [])
        {
            var value = variable.ValueFrom is { } source
                ? await ValueAsync(pod, container, source, podIp, cancellation)
                : Expansion.Expand(variable.Value ?? "", variables);
            if (value is not null)
            {
                variables[variable.Name] = paths.Rewrite(value);
            }
        }

        return variables;
    }

    private async Task AddServicesAsync(Dictionary<string, string> variables, string ns, CancellationToken cancellation)
    {
        foreach (var service in await sources.ServicesAsync(ns, cancellation))
        {
            if (service.Spec.ClusterIP is { Length: > 0 } address and not "None" && service.Spec.Ports is [var port, ..])
            {
                var name = service.Metadata.Name.ToUpperInvariant().Replace('-', '_');
                variables[$"{name}_SERVICE_HOST"] = address;
                variables[$"{name}_SERVICE_PORT"] = port.Port.ToString(CultureInfo.InvariantCulture);
            }
        }
    }

    private async Task AddSourcesAsync(Dictionary<string, string> variables, V1Pod pod, V1Container container, CancellationToken cancellation)
    {
        foreach (var source in container.EnvFrom ?? [])
        {
            var (data, what, optional) = source.ConfigMapRef is { } map
                ? (await sources.ConfigMapAsync(pod.Metadata.NamespaceProperty, map.Name, cancellation), $"configmap \"{map.Name}\"", map.Optional)
                : (await sources.SecretAsync(pod.Metadata.NamespaceProperty, source.SecretRef.Name, cancellation), $"secret \"{source.SecretRef.Name}\"", source.SecretRef.Optional);
            if (data is null && optional != true)
            {
                throw new SetupException("CreateContainerConfigError", $"{what} not found");
            }

            foreach (var (key, value) in data ?? new Dictionary<string, byte[]>())
            {
                variables[source.Prefix + key] = Encoding.UTF8.GetString(value);
            }
        }
    }

    private async Task<string?> ValueAsync(V1Pod pod, V1Container container, V1EnvVarSource source, string podIp, CancellationToken cancellation)
    {
        if (source.FieldRef is { } field)
        {
            return PodFields.Read(pod, field.FieldPath, podIp);
        }

        if (source.ResourceFieldRef is { } resource)
        {
            return PodFields.Resource(pod, resource, container.Name);
        }

        var (data, what, key, optional) = source.ConfigMapKeyRef is { } map
            ? (await sources.ConfigMapAsync(pod.Metadata.NamespaceProperty, map.Name, cancellation), $"configmap \"{map.Name}\"", map.Key, map.Optional)
            : source.SecretKeyRef is { } secret
                ? (await sources.SecretAsync(pod.Metadata.NamespaceProperty, secret.Name, cancellation), $"secret \"{secret.Name}\"", secret.Key, secret.Optional)
                : throw new SetupException("CreateContainerConfigError", "an environment variable has a source of an unknown kind");
        if (data is not null && data.TryGetValue(key, out var content))
        {
            return Encoding.UTF8.GetString(content);
        }

        return optional == true ? null
            : throw new SetupException("CreateContainerConfigError", data is null ? $"{what} not found" : $"couldn't find key {key} in {what}");
    }
}
