using k8s;
using k8s.Models;
using KubeOps.Abstractions.Logging;
using Microsoft.Extensions.DependencyInjection;

namespace KubeOps.Abstractions.Builder;

/// <summary>Registers what adds to the log scopes of objects.</summary>
public static class EntityLoggingScopeEnricherBuilderExtensions
{
    /// <summary>Adds an enricher of one kind.</summary>
    /// <typeparam name="TEntity">The kind.</typeparam>
    /// <typeparam name="TEnricher">The enricher.</typeparam>
    /// <param name="builder">The builder.</param>
    /// <returns>The builder.</returns>
    public static IOperatorBuilder AddEntityLoggingScopeEnricher<TEntity, TEnricher>(this IOperatorBuilder builder)
        where TEntity : IKubernetesObject<V1ObjectMeta>
        where TEnricher : class, IEntityLoggingScopeEnricher<TEntity>
    {
        builder.Services.AddSingleton<IEntityLoggingScopeEnricher<TEntity>, TEnricher>();
        return builder;
    }
}
