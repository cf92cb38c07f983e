using k8s;
using k8s.Models;
using KubeOps.Abstractions.Crds;
using KubeOps.Abstractions.Entities;
using KubeOps.Abstractions.Reconciliation.Controller;
using KubeOps.Abstractions.Reconciliation.Finalizer;
using Microsoft.Extensions.DependencyInjection;

namespace KubeOps.Abstractions.Builder;

/// <summary>Takes the parts of an operator.</summary>
public interface IOperatorBuilder
{
    /// <summary>Where everything is registered.</summary>
    IServiceCollection Services { get; }

    /// <summary>How the operator works.</summary>
    OperatorSettings Settings { get; }

    /// <summary>Adds a controller, with a watch, a queue and a consumer of the queue.</summary>
    /// <typeparam name="TImplementation">The controller.</typeparam>
    /// <typeparam name="TEntity">The kind.</typeparam>
    /// <returns>The builder.</returns>
    IOperatorBuilder AddController<TImplementation, TEntity>()
        where TImplementation : class, IEntityController<TEntity>
        where TEntity : IKubernetesObject<V1ObjectMeta>;

    /// <summary>Adds a controller for the objects with certain labels.</summary>
    /// <typeparam name="TImplementation">The controller.</typeparam>
    /// <typeparam name="TEntity">The kind.</typeparam>
    /// <typeparam name="TLabelSelector">Says which objects.</typeparam>
    /// <returns>The builder.</returns>
    IOperatorBuilder AddControllerWithLabelSelector<TImplementation, TEntity, TLabelSelector>()
        where TImplementation : class, IEntityController<TEntity>
        where TEntity : IKubernetesObject<V1ObjectMeta>
        where TLabelSelector : class, IEntityLabelSelector<TEntity>;

    /// <summary>Adds a controller for the objects with certain field values.</summary>
    /// <typeparam name="TImplementation">The controller.</typeparam>
    /// <typeparam name="TEntity">The kind.</typeparam>
    /// <typeparam name="TFieldSelector">Says which objects.</typeparam>
    /// <returns>The builder.</returns>
    IOperatorBuilder AddControllerWithFieldSelector<TImplementation, TEntity, TFieldSelector>()
        where TImplementation : class, IEntityController<TEntity>
        where TEntity : IKubernetesObject<V1ObjectMeta>
        where TFieldSelector : class, IEntityFieldSelector<TEntity>;

    /// <summary>Adds a finalizer and the delegate that puts it on objects.</summary>
    /// <typeparam name="TImplementation">The finalizer.</typeparam>
    /// <typeparam name="TEntity">The kind.</typeparam>
    /// <param name="identifier">The name that stands in the object's list of finalizers.</param>
    /// <returns>The builder.</returns>
    IOperatorBuilder AddFinalizer<TImplementation, TEntity>(string identifier)
        where TImplementation : class, IEntityFinalizer<TEntity>
        where TEntity : IKubernetesObject<V1ObjectMeta>;

    /// <summary>Installs the definitions of the operator's kinds when it starts; meant for development.</summary>
    /// <param name="configure">Sets how.</param>
    /// <returns>The builder.</returns>
    IOperatorBuilder AddCrdInstaller(Action<CrdInstallerSettingsBuilder>? configure = null);
}
