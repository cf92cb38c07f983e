using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Serving;
using DyLoraMoe.Sandbox.Storage;

namespace DyLoraMoe.Sandbox.Kinds;

/// <summary>What a new pod gets from the objects that it names, and its refusal when they are not there.</summary>
internal static class PodAdmission
{
    private const string Classes = "scheduling.k8s.io/priorityclasses";

    /// <summary>The account of a pod that names none.</summary>
    public const string DefaultAccount = "default";

    /// <summary>Where the account lies that a pod names.</summary>
    public static ObjectKey Account(JsonObject pod, string space) => new("/serviceaccounts", space, pod.Text("spec", "serviceAccountName") is { Length: > 0 } name ? name : DefaultAccount);

    /// <summary>Fills the pod's account and priority.</summary>
    public static void Admit(JsonObject pod, KindContext context)
    {
        JsonObject spec = pod.Ensure("spec");
        string space = pod.Text("metadata", "namespace") ?? "";
        ObjectKey account = Account(pod, space);
        spec["serviceAccountName"] = account.Name;
        spec.Default("serviceAccount", account.Name);

        // Of a namespace that is missing or going, the writer says so.
        bool lives = context.View.Find(new("/namespaces", "", space)) is { } found && found.Shared.Text("metadata", "deletionTimestamp") is null;
        if (lives && context.View.Find(account) is null)
        {
            throw Refused(pod, $"error looking up service account {space}/{account.Name}: serviceaccount \"{account.Name}\" not found");
        }

        SetPriority(pod, spec, context);
    }

    /// <summary>The class of pods that name none; null when there is no such class.</summary>
    public static StoredObject? DefaultClass(StoreView view) =>
        view.List(Classes).Where(each => each.Shared.Flag("globalDefault") == true).MinBy(each => each.Shared.Whole("value") ?? 0);

    private static void SetPriority(JsonObject pod, JsonObject spec, KindContext context)
    {
        StoredObject? priority = spec.Text("priorityClassName") is { Length: > 0 } name
            ? context.View.Find(new(Classes, "", name)) ?? throw Refused(pod, $"no PriorityClass with name {name} was found")
            : DefaultClass(context.View);
        if (priority is not null)
        {
            spec["priorityClassName"] = priority.Key.Name;
        }

        long value = priority?.Shared.Whole("value") ?? 0;
        string policy = priority?.Shared.Text("preemptionPolicy") ?? "PreemptLowerPriority";
        if (spec.Whole("priority") is { } given && given != value)
        {
            throw Refused(pod, $"the integer value of priority ({given}) must not be provided in pod spec; priority admission controller computed {value} from the given PriorityClass name");
        }

        if (spec.Text("preemptionPolicy") is { } wanted && wanted != policy)
        {
            throw Refused(pod, $"the string value of PreemptionPolicy ({wanted}) must not be provided in pod spec; priority admission controller computed {policy} from the given PriorityClass name");
        }

        spec.Default("priority", value);
        spec.Default("preemptionPolicy", policy);
    }

    // By the start of a name that was made up, so that what tells of every try tells the same.
    private static ApiException Refused(JsonObject pod, string why)
    {
        string name = pod.Text("metadata", "name") ?? "";
        return ApiException.Forbidden("", "pods", pod.Text("metadata", "generateName") is { Length: > 0 } start && name.StartsWith(start, StringComparison.Ordinal) ? start : name, why);
    }
}
