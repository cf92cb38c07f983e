using System.Text.Json;
using System.Text.Json.Serialization;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Kubectl.Cluster;

namespace DyLoraMoe.Kubectl.Status;

/// <summary>What <c>status -o json</c> prints.</summary>
internal sealed record StatusDocument(IReadOnlyList<BackboneEntry> Backbones)
{
    private static readonly JsonSerializerOptions _options = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The document's text.</summary>
    /// <param name="world">What there is.</param>
    /// <param name="backbone">The backbone that is meant; null for all.</param>
    public static string Of(World world, string? backbone) => JsonSerializer.Serialize(
        new StatusDocument([.. world.BackboneNames.Where(each => backbone is null || each == backbone).Select(each => Of(each, world))]), _options);

    private static BackboneEntry Of(string name, World world)
    {
        var backbone = world.Backbone(name);
        var (status, state) = (backbone?.Status, backbone is null ? State.Hidden : State.Of(backbone.Status.Conditions));
        return new(name, state.Word, state.Reason, state.Message, status?.RoutingMode, status?.Serving, status?.Endpoint, status?.ActiveRevision, status?.PendingRevision, status?.PreviousRevision, backbone?.Spec.Serving.Revision)
        {
            Skills = [.. world.SkillsOf(name).Select(skill => Entry(skill))],
            Experts = world.Experts is null ? null : [.. world.ExpertsOf(name).Select(expert => Entry(expert))],
            Nights = world.NightsOf(name) is { Count: > 0 } nights ? [.. nights.Select(night => Entry(night))] : null,
            Growths = world.GrowthsOf(name) is { Count: > 0 } growths ? [.. growths.Select(growth => Entry(growth))] : null,
            Grown = status?.Grown,
            Pressure = status?.Pressure,
            Refused = status?.Refused,
            Jobs = world.Jobs is null ? null : [.. world.JobsOf(name).Select(job => new JobEntry(job.Metadata.Name, Tag(job.Metadata.Labels, Api.Labels.JobKind), job.Status?.Active ?? 0, job.Status?.Succeeded ?? 0, job.Status?.Failed ?? 0))],
            Revisions = world.Sets is null ? null : [.. world.SetsOf(name).Select(set => new RevisionEntry(set.Revision, set.ConfigMap, set.Created, set.GivenUp, [.. set.Set.Experts.Select(expert => new MemberEntry(expert.Name, expert.Version, expert.Maturity))]))],
        };
    }

    private static SkillEntry Entry(Skill skill)
    {
        var state = State.Of(skill.Status.Conditions);
        return new(skill.Metadata.Name, state.Word, state.Reason, state.Message, skill.Status.Novelty?.Decision, skill.Status.ExpertRef?.Name, skill.Status.Dataset?.Samples);
    }

    private static NightEntry Entry(Consolidation night)
    {
        var (status, state) = (night.Status, State.Of(night.Status.Conditions));
        return new(night.Metadata.Name, state.Word, state.Reason, state.Message, night.Spec.Schedule, status.NextScheduleTime, status.Run?.Number, status.Run?.Outcome, status.Run?.Experts);
    }

    private static GrowthEntry Entry(Growth growth)
    {
        var (status, state) = (growth.Status, State.Of(growth.Status.Conditions));
        return new(growth.Metadata.Name, state.Word, state.Reason, state.Message, status.Grown, status.Migrated, status.Divergence, status.AdoptionTime);
    }

    private static ExpertEntry Entry(LoraExpert expert)
    {
        var (status, state) = (expert.Status, State.Of(expert.Status.Conditions));
        return new(expert.Metadata.Name, state.Word, state.Reason, state.Message, status.Stage, status.MaturityPercent, status.HeldBackBy, status.Evaluation?.GainPercent, status.Artifact?.Version, status.Served, status.TrafficSharePercent)
        {
            Progress = status.Job is null ? null : status.Progress,
        };
    }

    private static string Tag(IDictionary<string, string>? labels, string label) => labels?.TryGetValue(label, out var value) == true ? value : "";
}

/// <summary>A backbone.</summary>
internal sealed record BackboneEntry(
    string Name, string State, string Reason, string Message, string? RoutingMode, string? Serving, string? Endpoint, string? ActiveRevision, string? PendingRevision, string? PreviousRevision, string? PinnedRevision)
{
    public IReadOnlyList<SkillEntry> Skills { get; init; } = [];

    public IReadOnlyList<ExpertEntry>? Experts { get; init; }

    public IReadOnlyList<NightEntry>? Nights { get; init; }

    public IReadOnlyList<GrowthEntry>? Growths { get; init; }

    public GrownBackbone? Grown { get; init; }

    public GrowthPressure? Pressure { get; init; }

    public IList<Refusal>? Refused { get; init; }

    public IReadOnlyList<JobEntry>? Jobs { get; init; }

    public IReadOnlyList<RevisionEntry>? Revisions { get; init; }
}

/// <summary>A skill.</summary>
internal sealed record SkillEntry(string Name, string State, string Reason, string Message, string? Decision, string? Expert, int? Samples);

/// <summary>An expert.</summary>
internal sealed record ExpertEntry(
    string Name, string State, string Reason, string Message, string? Stage, int? MaturityPercent, string? HeldBackBy, int? GainPercent, int? Version, string? Served, int? TrafficSharePercent)
{
    public TrainingProgress? Progress { get; init; }
}

/// <summary>A job.</summary>
internal sealed record JobEntry(string Name, string Kind, int Active, int Succeeded, int Failed);

/// <summary>A revision that is kept.</summary>
internal sealed record RevisionEntry(string Revision, string ConfigMap, DateTime? Created, string? GivenUp, IReadOnlyList<MemberEntry> Experts);

/// <summary>An expert of a revision.</summary>
internal sealed record MemberEntry(string Name, int Version, double Maturity);

/// <summary>A night.</summary>
internal sealed record NightEntry(
    string Name, string State, string Reason, string Message, string? Schedule, DateTimeOffset? NextScheduleTime, int? Run, string? Outcome, IList<ConsolidatedExpert>? Experts);

/// <summary>A growth.</summary>
internal sealed record GrowthEntry(string Name, string State, string Reason, string Message, string? Grown, string? Migrated, string? Divergence, DateTimeOffset? AdoptionTime);
