using DyLoraMoe.Sandbox.Controllers.Machinery;
using DyLoraMoe.Sandbox.Kinds;
using k8s.Models;

namespace DyLoraMoe.Sandbox.Controllers.Storage;

/// <summary>
/// Gives each claim of the sandbox's storage class a volume of its own: a folder on this machine. A claim that names a volume,
/// or asks for no class, is bound to a volume that is there. Folders go with their claims unless the class retains them.
/// </summary>
internal sealed class VolumeBinder : Controller<ObjectKey>
{
    public const string StorageClass = "sandbox";
    public const string Provisioner = "sandbox.dylora.dev/folder";

    private const string ProvisionedBy = "pv.kubernetes.io/provisioned-by";
    private const string Source = "persistentvolume-controller";

    private readonly Informer<V1PersistentVolumeClaim> _claims;
    private readonly Informer<V1PersistentVolume> _volumes;
    private readonly Informer<V1StorageClass> _classes;
    private readonly string _folder;

    public VolumeBinder(ClusterContext cluster)
        : base("Volumes", cluster, workers: 1)
    {
        _claims = cluster.Informer<V1PersistentVolumeClaim>();
        _volumes = cluster.Informer<V1PersistentVolume>();
        _classes = cluster.Informer<V1StorageClass>();
        _folder = Path.GetFullPath(Path.Combine(cluster.Options.DataDirectory, "volumes"));
        _claims.Changed += (before, now) => Queue.Add(ObjectKey.Of((now ?? before)!));
        _volumes.Changed += (_, now) =>
        {
            if (now?.Spec.ClaimRef is { } claim)
            {
                Queue.Add(new ObjectKey(claim.NamespaceProperty, claim.Name));
                return;
            }

            foreach (var waiting in _claims.All().Where(claim => claim.Status?.Phase != "Bound"))
            {
                Queue.Add(ObjectKey.Of(waiting));
            }
        };
        _classes.Changed += (_, _) =>
        {
            foreach (var waiting in _claims.All().Where(claim => claim.Status?.Phase != "Bound"))
            {
                Queue.Add(ObjectKey.Of(waiting));
            }
        };
    }

    protected override IEnumerable<IInformer> Sources => [_claims, _volumes, _classes];

    protected override async Task<TimeSpan?> ReconcileAsync(ObjectKey key, CancellationToken cancellation)
    {
        var claim = _claims.Get(key);
        foreach (var left in _volumes.All().Where(volume => IsOf(volume, key) && volume.Spec.ClaimRef.Uid is { } uid && uid != claim?.Metadata.Uid))
        {
            await ReleaseAsync(left, cancellation);
        }

        if (claim is null || claim.Metadata.DeletionTimestamp is not null || claim.Status?.Phase == "Bound")
        {
            return null;
        }

        if (claim.Spec.StorageClassName is null && DefaultClass() is { } name)
        {
            // The claim was there before the class was.
            claim = ClusterContext.Copy(claim);
            claim.Spec.StorageClassName = name;
            claim = await Cluster.UpdateAsync(claim, null, cancellation);
        }

        if (Fitting(claim) is not { } volume)
        {
            if (_classes.Get(new ObjectKey("", claim.Spec.StorageClassName ?? ""))?.Provisioner != Provisioner)
            {
                return null;
            }

            volume = await ProvisionAsync(claim, cancellation);
        }

        await BindAsync(claim, volume, cancellation);
        return null;
    }

    private string? DefaultClass() => _classes.All()
        .FirstOrDefault(found => found.Metadata.Annotations?.TryGetValue(VolumeClaimRules.DefaultClass, out var text) == true && text == "true")?.Metadata.Name;

    private static bool IsOf(V1PersistentVolume volume, ObjectKey claim) =>
        volume.Spec.ClaimRef is { } reference && reference.NamespaceProperty == claim.Namespace && reference.Name == claim.Name;

    private V1PersistentVolume? Fitting(V1PersistentVolumeClaim claim)
    {
        var key = ObjectKey.Of(claim);
        return _volumes.All()
            .Where(volume => volume.Metadata.DeletionTimestamp is null && volume.Status?.Phase is not ("Released" or "Failed"))
            .Where(volume => volume.Spec.ClaimRef is null ? claim.Spec.VolumeName == volume.Metadata.Name || Offers(volume, claim) : IsOf(volume, key))
            .OrderBy(volume => volume.Spec.ClaimRef is null ? 1 : 0)
            .ThenBy(volume => volume.Spec.Capacity["storage"].ToDecimal())
            .FirstOrDefault();
    }

    private static bool Offers(V1PersistentVolume volume, V1PersistentVolumeClaim claim) =>
        string.IsNullOrEmpty(claim.Spec.VolumeName)
        && (volume.Spec.StorageClassName ?? "") == (claim.Spec.StorageClassName ?? "")
        && claim.Spec.AccessModes.All(volume.Spec.AccessModes.Contains)
        && (claim.Spec.Selector is null || claim.Spec.Selector.Matches(volume.Metadata.Labels))
        && volume.Spec.Capacity["storage"].ToDecimal() >= claim.Spec.Resources.Requests["storage"].ToDecimal();

    private async Task<V1PersistentVolume> ProvisionAsync(V1PersistentVolumeClaim claim, CancellationToken cancellation)
    {
        var name = $"pvc-{claim.Metadata.Uid}";
        var place = Path.Combine(_folder, name);
        Directory.CreateDirectory(place);
        var storage = _classes.Get(new ObjectKey("", claim.Spec.StorageClassName!))!;
        var volume = await Cluster.CreateAsync(
            new V1PersistentVolume
            {
                Metadata = new V1ObjectMeta { Name = name, Annotations = new Dictionary<string, string> { [ProvisionedBy] = Provisioner } },
                Spec = new V1PersistentVolumeSpec
                {
                    AccessModes = claim.Spec.AccessModes,
                    Capacity = new Dictionary<string, ResourceQuantity> { ["storage"] = claim.Spec.Resources.Requests["storage"] },
                    ClaimRef = ReferenceTo(claim),
                    HostPath = new V1HostPathVolumeSource { Path = place, Type = "" },
                    PersistentVolumeReclaimPolicy = storage.ReclaimPolicy ?? "Delete",
                    StorageClassName = storage.Metadata.Name,
                    VolumeMode = "Filesystem",
                },
            },
            cancellation);
        Cluster.Events.Normal(claim, Source, "ProvisioningSucceeded", $"Successfully provisioned volume {name}");
        return volume;
    }

    private async Task BindAsync(V1PersistentVolumeClaim claim, V1PersistentVolume volume, CancellationToken cancellation)
    {
        if (volume.Spec.ClaimRef?.Uid is null)
        {
            var taken = ClusterContext.Copy(volume);
            taken.Spec.ClaimRef = ReferenceTo(claim);
            volume = await Cluster.UpdateAsync(taken, null, cancellation);
        }

        if (volume.Status?.Phase != "Bound")
        {
            var bound = ClusterContext.Copy(volume);
            bound.Status = new V1PersistentVolumeStatus { Phase = "Bound" };
            await Cluster.UpdateAsync(bound, "status", cancellation);
        }

        if (claim.Spec.VolumeName != volume.Metadata.Name)
        {
            var named = ClusterContext.Copy(claim);
            named.Spec.VolumeName = volume.Metadata.Name;
            claim = await Cluster.UpdateAsync(named, null, cancellation);
        }

        var status = ClusterContext.Copy(claim);
        status.Status = new V1PersistentVolumeClaimStatus
        {
            Phase = "Bound",
            AccessModes = volume.Spec.AccessModes,
            Capacity = volume.Spec.Capacity,
        };
        await Cluster.UpdateAsync(status, "status", cancellation);
    }

    private async Task ReleaseAsync(V1PersistentVolume volume, CancellationToken cancellation)
    {
        if (volume.Spec.PersistentVolumeReclaimPolicy == "Delete"
            && volume.Metadata.Annotations?.TryGetValue(ProvisionedBy, out var by) == true && by == Provisioner)
        {
            await Cluster.DeleteAsync(volume, cancellation);
            if (volume.Spec.HostPath?.Path is { } place && place.StartsWith(_folder + Path.DirectorySeparatorChar, StringComparison.Ordinal)
                && Directory.Exists(place))
            {
                Directory.Delete(place, recursive: true);
            }
        }
        else if (volume.Status?.Phase != "Released")
        {
            var released = ClusterContext.Copy(volume);
            released.Status = new V1PersistentVolumeStatus { Phase = "Released" };
            await Cluster.UpdateAsync(released, "status", cancellation);
        }
    }

    private static V1ObjectReference ReferenceTo(V1PersistentVolumeClaim claim) => new()
    {
        ApiVersion = "v1",
        Kind = "PersistentVolumeClaim",
        Name = claim.Metadata.Name,
        NamespaceProperty = claim.Metadata.NamespaceProperty,
        Uid = claim.Metadata.Uid,
    };
}
