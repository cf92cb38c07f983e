using System.Reflection;
using k8s.Models;
using KubeOps.Abstractions.Crds;
using KubeOps.Abstractions.Entities.Attributes;
using KubeOps.KubernetesClient;
using KubeOps.Operator.Retry;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KubeOps.Operator.Crds;

/// <summary>Installs definitions of the kinds of the program that runs; meant for development.</summary>
internal sealed class CrdInstaller(
    CrdInstallerSettings settings,
    IKubernetesClient client,
    ICrdResourceFactory factory,
    Backoff backoff,
    ILogger<CrdInstaller> logger) : BackgroundService
{
    private IReadOnlyList<V1CustomResourceDefinition> _definitions = [];

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        foreach (var definition in settings.DeleteOnShutdown ? _definitions : [])
        {
            try
            {
                await client.DeleteAsync(definition, cancellationToken);
            }
            catch (Exception e)
            {
                Log.DefinitionNotDeleted(logger, e, definition.Name());
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var kinds = (Assembly.GetEntryAssembly()?.DefinedTypes ?? [])
            .Where(type => type is { IsClass: true, IsAbstract: false, IsGenericType: false })
            .Where(type => type.IsDefined(typeof(KubernetesEntityAttribute)) && !type.IsDefined(typeof(IgnoreAttribute)))
            .ToList();
        _definitions = factory.CreateCustomResourceDefinitions(kinds).ToList();
        for (var failures = 1; !stoppingToken.IsCancellationRequested; failures++)
        {
            try
            {
                await InstallAsync(stoppingToken);
                return;
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                var delay = backoff.After(failures);
                Log.DefinitionsFailed(logger, e, delay);
                await Task.Delay(delay, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task InstallAsync(CancellationToken cancellationToken)
    {
        foreach (var definition in _definitions)
        {
            var known = await client.GetAsync<V1CustomResourceDefinition>(
                definition.Name(), cancellationToken: cancellationToken);
            if (known is null)
            {
                await client.CreateAsync(definition, cancellationToken);
            }
            else if (settings.OverwriteExisting)
            {
                definition.Metadata.ResourceVersion = known.ResourceVersion();
                await client.UpdateAsync(definition, cancellationToken);
            }
            else
            {
                continue;
            }

            Log.DefinitionInstalled(logger, definition.Name());
        }
    }
}
