using DyLoraMoe.Api;
using DyLoraMoe.Operator.Jobs;
using k8s;
using k8s.Models;

namespace DyLoraMoe.Operator.Reconciling;

/// <summary>An object of a Backbone's child's name is somebody else's: it is left as it is.</summary>
internal sealed class NameTakenException(string message) : Exception(message)
{
    /// <summary>Lets pass what is not there yet, what the child's owner owns, and what has the operator's labels for the same Backbone and no other controller, as after a restore.</summary>
    /// <param name="wanted">The child.</param>
    /// <param name="found">The one that is there; null for none.</param>
    /// <exception cref="NameTakenException">It is none of these.</exception>
    public static void ThrowIfForeign<T>(T wanted, T? found)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var owners = found?.Metadata.OwnerReferences ?? [];
        if (found is null || owners.Any(owner => owner.Uid == wanted.Metadata.OwnerReferences[0].Uid))
        {
            return;
        }

        var controller = owners.FirstOrDefault(owner => owner.Controller == true);
        if (controller is not null || !CommonLabels.AreOn(found) || found.Tag(Labels.Backbone) != wanted.Tag(Labels.Backbone))
        {
            throw new NameTakenException($"There is a {wanted.Kind} {wanted.Metadata.Name} in this namespace that {(controller is null ? "the operator did not make" : $"belongs to {controller.Kind} {controller.Name}")}. Delete or rename it, or give the Backbone another name.");
        }
    }
}
