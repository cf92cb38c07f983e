using System.Text.Json;
using k8s;
using k8s.Authentication;

namespace DyLoraMoe.Sandbox.Controllers.Machinery;

/// <summary>What KubernetesClient keeps to itself but a generic client needs.</summary>
internal static class KubernetesOptions
{
    /// <summary>The serializer options of the package, with its converters for times and quantities.</summary>
    public static readonly JsonSerializerOptions Value = Capture();

    public static Task IfAny(this ServiceClientCredentials? credentials, HttpRequestMessage request, CancellationToken cancellation) =>
        credentials is null ? Task.CompletedTask : credentials.ProcessHttpRequestAsync(request, cancellation);

    private static JsonSerializerOptions Capture()
    {
        JsonSerializerOptions? captured = null;
        KubernetesJson.AddJsonOptions(options => captured = options);
        return captured!;
    }
}
