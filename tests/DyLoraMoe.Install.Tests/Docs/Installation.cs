namespace DyLoraMoe.Install.Tests.Docs;

/// <summary>A cluster as most pages assume it: the chart is installed, and the samples are learnt. It is made for the first page that wants it.</summary>
public sealed class Installation : IAsyncLifetime
{
    private const string Steps = """
        set -euo pipefail
        helm install dylora charts/dylora-moe --namespace dylora-system --create-namespace --set operator.options.trafficSeconds=1
        kubectl apply -f config/samples/
        kubectl wait --for=condition=Ready skill --all --timeout=4m
        kubectl create namespace argocd
        kubectl -n argocd create configmap argocd-cm
        kubectl create namespace flux-system
        """;

    private Task<string>? _kubeconfig;

    internal Bench Bench { get; } = new();

    /// <summary>How it is reached.</summary>
    internal Task<string> KubeconfigAsync() => _kubeconfig ??= InstallAsync();

    /// <summary>Has the renderer built that the stand-in for Helm calls.</summary>
    internal static void MakeRenderer() => _ = Chart.Renderer.Notes(Chart.ChartCases.Defaults);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => Bench.DisposeAsync();

    private async Task<string> InstallAsync()
    {
        MakeRenderer();
        var kubeconfig = await Bench.StartClusterAsync("installed");
        await Bench.RunAsync("the installation", Steps, kubeconfig);
        return kubeconfig;
    }
}
