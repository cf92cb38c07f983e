using KubeOps.Abstractions.Builder;
using KubeOps.Operator.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace KubeOps.Operator;

/// <summary>Registers an operator.</summary>
public static class ServiceCollectionExtensions
{
    /// <summary>Adds what every operator needs; controllers and finalizers are added to what is returned.</summary>
    /// <param name="services">The services of the host.</param>
    /// <param name="configure">Changes the settings.</param>
    /// <returns>The operator under construction.</returns>
    public static IOperatorBuilder AddKubernetesOperator(
        this IServiceCollection services,
        Action<OperatorSettingsBuilder>? configure = null)
    {
        var settings = new OperatorSettingsBuilder();
        configure?.Invoke(settings);
        return new OperatorBuilder(services, settings.Build());
    }
}
