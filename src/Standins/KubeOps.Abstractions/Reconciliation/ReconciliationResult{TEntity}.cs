using System.Diagnostics.CodeAnalysis;
using k8s;
using k8s.Models;

namespace KubeOps.Abstractions.Reconciliation;

/// <summary>How a visit ended and when the next one is due.</summary>
/// <typeparam name="TEntity">The kind.</typeparam>
public sealed record ReconciliationResult<TEntity>
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    private ReconciliationResult(TEntity entity) => Entity = entity;

    /// <summary>The object as the visit left it.</summary>
    public TEntity Entity { get; }

    /// <summary>Whether the visit did what it set out to do.</summary>
    [MemberNotNullWhen(false, nameof(ErrorMessage))]
    public bool IsSuccess { get; private init; }

    /// <summary>What went wrong; null after a success.</summary>
    public string? ErrorMessage { get; private init; }

    /// <summary>The exception behind a failure, if there was one.</summary>
    public Exception? Error { get; private init; }

    /// <summary>When to look again; null for not until something changes (or, after a failure, the back-off).</summary>
    public TimeSpan? RequeueAfter { get; set; }

    /// <summary>The visit succeeded.</summary>
    /// <param name="entity">The object as the visit left it.</param>
    /// <param name="requeueAfter">When to look again, if at all.</param>
    /// <returns>The result.</returns>
    public static ReconciliationResult<TEntity> Success(TEntity entity, TimeSpan? requeueAfter = null) =>
        new(entity) { IsSuccess = true, RequeueAfter = requeueAfter };

    /// <summary>The visit failed.</summary>
    /// <param name="entity">The object as the visit left it.</param>
    /// <param name="errorMessage">What went wrong.</param>
    /// <param name="error">The exception behind it, if there was one.</param>
    /// <param name="requeueAfter">When to try again; null for the back-off of the queue.</param>
    /// <returns>The result.</returns>
    public static ReconciliationResult<TEntity> Failure(
        TEntity entity,
        string errorMessage,
        Exception? error = null,
        TimeSpan? requeueAfter = null) =>
        new(entity) { ErrorMessage = errorMessage, Error = error, RequeueAfter = requeueAfter };
}
