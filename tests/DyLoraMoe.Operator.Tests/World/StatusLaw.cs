using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using DyLoraMoe.Api;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Backbones;
using DyLoraMoe.Operator.Jobs;
using DyLoraMoe.Testing.Resources;
using k8s.Models;

namespace DyLoraMoe.Operator.Tests.World;

/// <summary>
/// What must hold of every status that is ever written: that its conditions agree with each other, that generations only go up, and that nobody who waits by
/// kstatus' rules is told that all is done while it is not.
/// </summary>
internal sealed partial class StatusLaw
{
    private readonly FakeServer _server;
    private readonly bool _mayBeLate;

    /// <param name="server">Where statuses are written.</param>
    /// <param name="mayBeLate">Whether the operator may not know yet what others did: then only what it knows is held against it.</param>
    public StatusLaw(FakeServer server, bool mayBeLate)
    {
        (_server, _mayBeLate) = (server, mayBeLate);
        server.Changed += Changed;
    }

    /// <summary>What was broken, in order.</summary>
    public List<string> Violations { get; } = [];

    /// <summary>How many statuses were looked at.</summary>
    public int Statuses { get; private set; }

    /// <summary>How many of them said that all is done.</summary>
    public int Currents { get; private set; }

    private void Changed(Type type, JsonObject? old, JsonObject? now)
    {
        if (type.Namespace != typeof(Skill).Namespace || now is null || (old is not null && JsonNode.DeepEquals(old["status"], now["status"])))
        {
            return;
        }

        Statuses++;
        var before = Violations.Count;
        Generations(old, now);
        Conditions(now);
        Times(old, now);
        if (KStatusRules.Of(now) == KStatus.Current)
        {
            Currents++;
            Done(type, now);
        }

        for (var index = before; index < Violations.Count; index++)
        {
            Violations[index] = $"{type.Name} {now["metadata"]!["name"]}: {Violations[index]} {now["status"]?.ToJsonString()}";
        }
    }

    private void Generations(JsonObject? old, JsonObject now)
    {
        var (before, observed, generation) = (Number(old?["status"]?["observedGeneration"]) ?? -1, Number(now["status"]?["observedGeneration"]), Number(now["metadata"]!["generation"]));
        Hold(observed is not null, "observedGeneration is missing.");
        Hold(observed <= generation, $"observedGeneration {observed} is newer than generation {generation}.");
        Hold(observed >= before, $"observedGeneration went from {before} to {observed}.");
    }

    private void Conditions(JsonObject now)
    {
        var observed = Number(now["status"]?["observedGeneration"]);
        if (observed < 0)
        {
            Hold(KStatusRules.Of(now) != KStatus.Current, "It counts as done before the first visit.");
            return;
        }

        var conditions = now["status"]!["conditions"]!.AsArray().Select(each => each!.AsObject()).ToList();
        var types = conditions.Select(each => Text(each, "type")).ToList();
        Hold(types.Distinct().Count() == types.Count, "A condition is there twice.");
        foreach (var condition in conditions)
        {
            Hold(Text(condition, "status") is "True" or "False" or "Unknown", "A condition has no status.");
            Hold(Reason().IsMatch(Text(condition, "reason") ?? ""), $"{Text(condition, "type")} has no reason.");
            Hold(Number(condition["observedGeneration"]) <= observed, "A condition is of a newer generation than the status.");
        }

        var ready = conditions.Find(each => Text(each, "type") == "Ready");
        Hold(ready is not null, "Ready is missing.");
        Hold(ready is null || Number(ready["observedGeneration"]) == observed, "Ready is not of the newest generation.");
        var (stalled, reconciling) = (IsTrue("Stalled"), IsTrue("Reconciling"));
        Hold(Text(ready, "status") == (stalled ? "False" : reconciling ? "Unknown" : "True"), "Ready, Reconciling and Stalled disagree.");
        Hold(!(stalled && reconciling), "It is stalled and goes on.");
        if (stalled)
        {
            var condition = conditions.Find(each => Text(each, "type") == "Stalled")!;
            Hold(Text(condition, "reason") == Text(ready, "reason"), "Stalled and Ready name different reasons.");
            Hold(Text(condition, "message") is { Length: > 0 }, "It is stalled and does not say why.");
        }

        bool IsTrue(string type) => conditions.Exists(each => Text(each, "type") == type && Text(each, "status") == "True");
    }

    private void Times(JsonObject? old, JsonObject now)
    {
        foreach (var condition in now["status"]!["conditions"]?.AsArray() ?? [])
        {
            var known = old?["status"]?["conditions"]?.AsArray().FirstOrDefault(each => Text(each, "type") == Text(condition, "type"));
            Hold(
                known is null || Text(known, "status") != Text(condition, "status") || Text(known, "lastTransitionTime") == Text(condition, "lastTransitionTime"),
                $"{Text(condition, "type")} has a new time and is as before.");
        }
    }

    private void Done(Type type, JsonObject now)
    {
        var uid = (string)now["metadata"]!["uid"]!;
        foreach (var job in _server.Peek<V1Job>().Where(job => job.Metadata.OwnerReferences?.Any(owner => owner.Uid == uid) == true))
        {
            // What is removed from the store changes nothing about the backbone.
            Hold(JobReading.IsOver(job) || job.Tag(Labels.JobKind) == nameof(JobKind.Collect), $"It counts as done while Job {job.Metadata.Name} runs.");
        }

        if (type == typeof(Skill))
        {
            Done(FakeServer.Read<Skill>(now));
        }
        else if (type == typeof(Consolidation))
        {
            Hold(FakeServer.Read<Consolidation>(now).Status.Run is null or { CompletionTime: not null }, "It counts as done and its run is under way.");
        }
        else if (type == typeof(Growth))
        {
            Hold(FakeServer.Read<Growth>(now).Status.AdoptionTime is not null, "It counts as done and its backbone was never served.");
        }
        else if (type == typeof(LoraExpert))
        {
            var expert = FakeServer.Read<LoraExpert>(now);
            Hold(_mayBeLate || ActiveSet(expert.Spec.BackboneRef.Name)?.Experts.Any(member => member.Digest == expert.Status.Artifact?.Digest) == true, "It counts as done and its newest version is not served.");
        }
        else
        {
            var backbone = FakeServer.Read<Backbone>(now);
            var deployment = _server.Peek<V1Deployment>(OperatorWorld.Namespace, backbone.Metadata.Name + "-router");
            Hold(Rollouts.RevisionOf(deployment) == backbone.Status.ActiveRevision, "It counts as done and pods are to serve another revision.");
            Hold(_mayBeLate || (deployment is not null && Rollouts.StateOf(deployment) == RolloutState.Complete), "It counts as done while pods are replaced.");
        }
    }

    private void Done(Skill skill)
    {
        Hold(skill.Spec.Data.Inline is not { } data || skill.Status.Dataset?.Digest == StubWork.DatasetOf(data), "It counts as done for older data.");
        var name = skill.Status.ExpertRef?.Name;
        Hold(_mayBeLate || ActiveSet(skill.Spec.BackboneRef.Name)?.Experts.Any(member => member.Name == name) == true, $"It counts as done and expert {name} is not served.");
    }

    private SetRevision? ActiveSet(string backbone)
    {
        var revision = _server.Peek<Backbone>(OperatorWorld.Namespace, backbone)?.Status.ActiveRevision;
        return _server.Peek<V1ConfigMap>().FirstOrDefault(map => map.Note(Annotations.Revision) == revision && map.Data?.ContainsKey(SetRevision.FileName) == true) is { } found
            ? ContractJson.Read<SetRevision>(found.Data[SetRevision.FileName])
            : null;
    }

    private void Hold(bool isSo, string otherwise)
    {
        if (!isSo)
        {
            Violations.Add(otherwise);
        }
    }

    private static long? Number(JsonNode? node) => node is null ? null : long.Parse(node.ToJsonString(), System.Globalization.CultureInfo.InvariantCulture);

    private static string? Text(JsonNode? node, string name) => node?[name] is { } value ? value.ToString() : null;

    [GeneratedRegex("^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$")]
    private static partial Regex Reason();
}
