using System.Globalization;
using DyLoraMoe.Api;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Consolidations;
using DyLoraMoe.Operator.Experts;
using DyLoraMoe.Operator.Growths;
using DyLoraMoe.Operator.Jobs;
using DyLoraMoe.Operator.Reconciling;
using DyLoraMoe.Operator.Requests;
using DyLoraMoe.Operator.Sets;
using k8s.Models;

namespace DyLoraMoe.Operator.Backbones;

/// <summary>A set that might come next.</summary>
/// <param name="Members">All of its experts, in order of their names.</param>
/// <param name="Changes">Keys of those that the active set has not.</param>
/// <param name="ReusesRouter">Whether the active set's router is the one for these experts.</param>
/// <param name="Backbone">The backbone that it is on.</param>
/// <param name="GrownFrom">Digests of the backbones that this one has grown from, as <see cref="SetFacts.GrownFrom"/> has them.</param>
/// <param name="Growths">The growths that led to it, as <see cref="SetFacts.Growths"/> has them.</param>
internal sealed record Candidate(IReadOnlyList<ExpertInput> Members, IReadOnlyList<string> Changes, bool ReusesRouter, BackboneInput Backbone, IReadOnlyList<string> GrownFrom, IReadOnlyList<GrowthStep> Growths)
{
    /// <summary>
    /// The key of what a growth offers; none of any other candidate, whose changes follow from its members. The same experts may be offered again under another key, and
    /// then are tried again.
    /// </summary>
    public IEnumerable<string> Offer => Changes.Where(GrowthOffers.IsKey);

    /// <summary>Whether a version of an expert is among its changes.</summary>
    public bool Brings(string expert) => Members.Any(member => member.Name == expert && Changes.Contains($"{member.Name}@{member.Digest}"));
}

/// <summary>What the next set is made from, gathered once, and the plans and documents that follow from it.</summary>
internal sealed class SetDraft
{
    private readonly BackboneScope _scope;
    private readonly ICluster _cluster;
    private readonly List<LoraExpert> _experts;
    private readonly IReadOnlyDictionary<string, ConsolidatedExpert> _offers;
    private readonly List<ExpertInput> _staying;
    private readonly List<Applicant> _pending;
    private readonly List<RefusedBatch> _refused;
    private readonly IReadOnlyList<GrowthOffer> _growths;

    private SetDraft(BackboneScope scope, ICluster cluster)
    {
        (_scope, _cluster) = (scope, cluster);
        _experts = [.. cluster.List<LoraExpert>(scope.Namespace).Where(expert => expert.Spec.BackboneRef.Name == scope.Name && expert.Metadata.DeletionTimestamp is null)];
        _offers = Offers.Of(cluster, scope.Backbone, scope.Active);
        var names = _experts.Select(expert => expert.Metadata.Name).ToHashSet(StringComparer.Ordinal);
        var active = scope.Active?.Set.Experts ?? [];
        var fits = RequestParts.GrownDigest(Backbone);
        _staying = [.. active.Where(member => names.Contains(member.Name)).Select(member => scope.Active!.InputOf(member))];
        var served = active.Select(member => $"{member.Name}@{member.Digest}").ToHashSet(StringComparer.Ordinal);
        _pending = [.. _experts.Where(expert => IsEligible(expert, fits)).Select(expert => new Applicant(NewestOf(expert))).Where(applicant => !served.Contains(applicant.Key))];
        _refused = [.. Refused(cluster, scope.Backbone)];
        _growths = scope.Active is { } known ? GrowthOffers.Of(cluster, scope.Backbone, known) : [];
    }

    /// <summary>The newest refusal of one expert alone that still stands; null when there is none.</summary>
    public RefusedBatch? FirstRefusal => _refused.Find(batch => batch.Changes.Count == 1 && _pending.Exists(applicant => applicant.Key == batch.Changes[0]));

    public static SetDraft Of(BackboneScope scope, ICluster cluster) => new(scope, cluster);

    /// <summary>The refusal of what a key stands for by itself; null when it was not refused, or that no longer stands.</summary>
    public static RefusedBatch? RefusalOf(ICluster cluster, Backbone backbone, string key) => Refused(cluster, backbone).FirstOrDefault(batch => batch.Changes.SequenceEqual([key]));

    /// <summary>Why a version of an expert was refused; null when it was not, or that no longer stands. The Backbone's status tells of the newest ones, this of all.</summary>
    public static (string Reason, string Message)? RefusalOf(ICluster cluster, Backbone backbone, string expert, string? digest) =>
        backbone.Status.Refused?.FirstOrDefault(each => each.Expert == expert && each.Digest == digest) is { } shown ? (shown.Reason ?? Reasons.RegressionRefused, shown.Message ?? "The set with it was refused.")
        : backbone.Status.Refused?.Count >= Bounds.Refusals && RefusalOf(cluster, backbone, $"{expert}@{digest}") is { } batch ? (batch.Reason, batch.Message)
        : null;

    /// <summary>The figures of a refusal.</summary>
    public static string Figures(CheckResult verdict) =>
        verdict.Worst.Count == 0
            ? "A skill would get worse than the budget allows."
            : string.Join(" ", verdict.Worst.Select(Figures));

    /// <summary>The next candidate; null when the active set is what is wanted.</summary>
    public Candidate? Next()
    {
        if (InFlight() is { } begun)
        {
            return begun;
        }

        // One that was refused holds no later one up.
        if (_growths.FirstOrDefault(offer => !_refused.Exists(batch => batch.Changes.SequenceEqual([offer.Key]))) is { } growth)
        {
            return With([growth.Key]);
        }

        var changes = Candidates.Next([.. _pending.Select(applicant => applicant.Key)], _refused);
        var candidate = With(changes);
        var active = _scope.Active!;
        return changes.Count > 0 || candidate.Members.Count != active.Set.Experts.Count || HasOtherPolicy(active.Set) ? candidate : null;
    }

    /// <summary>Whether a set is what would come of a candidate: of the same experts, on the same backbone, by the policy that is asked for.</summary>
    public bool IsWanted(Candidate candidate, SetRevision set) =>
        set.Backbone.Digest == candidate.Backbone.Digest
        && !HasOtherPolicy(set)
        && set.Experts.Select(member => $"{member.Name}@{member.Digest}").SequenceEqual(candidate.Members.Select(member => $"{member.Name}@{member.Digest}"));

    private BackboneInput Backbone => _scope.Active?.Set.Backbone ?? RequestParts.BackboneOf(_scope.Backbone, _scope.Status);

    private IReadOnlyList<string> GrownFrom => _scope.Active?.Facts.GrownFrom ?? [];

    private IReadOnlyList<GrowthStep> Growths => _scope.Active is { } active ? GrowthSteps.Of(_cluster, _scope.Backbone, active) : [];

    /// <summary>The documents of a candidate, once its router is there.</summary>
    public (SetRevision Set, SetFacts Facts) Build(Candidate candidate, string router, FitRouterResult? fit)
    {
        var known = _scope.Active?.Facts;
        var maturity = new SortedDictionary<string, ExpertMaturity>(StringComparer.Ordinal);
        var learned = new SortedDictionary<string, IReadOnlyList<TrainedSkill>>(StringComparer.Ordinal);
        foreach (var member in candidate.Members)
        {
            maturity[member.Name] = fit?.Experts.GetValueOrDefault(member.Name) ?? known?.Maturity.GetValueOrDefault(member.Name) ?? new(member.MaturityPercent, false, 0, "samples");
            learned[member.Name] = candidate.Brings(member.Name)
                ? [.. _experts.Find(expert => expert.Metadata.Name == member.Name)?.Status.TrainedOn ?? []]
                : known?.Learned.GetValueOrDefault(member.Name) ?? [];
        }

        var policy = RequestParts.PolicyOf(_scope.Backbone.Spec);
        var set = new SetRevision
        {
            Backbone = candidate.Backbone,
            Experts = [.. candidate.Members.Select(member => new SetMember(member.Name, member.Digest, member.Version, member.Mode, member.Rank, maturity[member.Name].Degree))],
            Router = router,
            Temperature = policy.Temperature,
            TopK = policy.TopK,
        };
        var facts = new SetFacts
        {
            Maturity = maturity,
            Learned = learned,
            Mode = fit?.Mode ?? known?.Mode ?? RoutingModes.Dense,
            AccuracyPercent = fit?.AccuracyPercent ?? known?.AccuracyPercent,
            GrownFrom = candidate.GrownFrom,
            Growths = candidate.Growths,
        };
        return (set, facts);
    }

    public JobPlan FitPlan(Candidate candidate)
    {
        var names = candidate.Members.Select(member => member.Name).ToHashSet(StringComparer.Ordinal);
        return Plan(
            JobKind.FitRouter,
            candidate,
            FitInputs(candidate),
            () => Begin(JobKind.FitRouter, candidate, names.Contains) with { FitRouter = new(candidate.Members), ActiveSet = _scope.Active?.Set });
    }

    public JobPlan CheckPlan(Candidate candidate, SetRevision set) => Plan(
        JobKind.Check,
        candidate,
        Hash.Of([set.ComputeRevision(), .. candidate.Offer, _scope.Active?.Revision, RefusalTerms.Of(_scope.Backbone)]),
        () =>
        {
            var names = candidate.Members.Select(member => member.Name).ToHashSet(StringComparer.Ordinal);
            var request = Begin(JobKind.Check, candidate, expert => _scope.Active?.Find(expert) is not null || names.Contains(expert));
            return request with { Check = new(set), Skills = [.. request.Skills.Where(skill => IsServed(skill) || (candidate.Brings(skill.Expert) && HasLearnt(skill)))] };
        });

    /// <summary>Refusals as a status shows them.</summary>
    public IList<Refusal>? Refusals(IList<Refusal>? shown)
    {
        List<Refusal> refusals = [];
        foreach (var batch in _refused.Where(batch => batch.Changes.Count == 1))
        {
            if (_pending.Find(applicant => applicant.Key == batch.Changes[0]) is { Expert: var expert } && !refusals.Exists(each => each.Expert == expert.Name))
            {
                var before = shown?.FirstOrDefault(each => each.Expert == expert.Name && each.Digest == expert.Digest);
                refusals.Add(before is not null && before.Reason == batch.Reason && before.Message == batch.Message ? before : new() { Expert = expert.Name, Digest = expert.Digest, Skill = batch.Skill, Reason = batch.Reason, Message = batch.Message });
            }
        }

        return refusals.Count == 0 ? null : [.. refusals.Take(Bounds.Refusals)];
    }

    /// <summary>Whether a recorded result still says something that is found nowhere else.</summary>
    public bool IsNeeded(V1ConfigMap request)
    {
        if (RequestStore.ResultOf(request) is not { } result)
        {
            return true;
        }

        return request.Tag(Labels.JobKind) switch
        {
            nameof(JobKind.FitRouter) or nameof(JobKind.Check) => IsOfNow(request) || (IsRefusal(result) && IsPending(ChangesOf(request))),
            nameof(JobKind.Prepare) => result.Outcome != JobOutcome.Succeeded,
            _ => false,
        };
    }

    /// <summary>Whether a set that was given up still says what not to try: on the same terms, of an expert that is still as it was.</summary>
    public bool IsNeeded(KnownSet givenUp) =>
        givenUp.Map.Note(JobNotes.Terms) == RefusalTerms.Of(_scope.Backbone) && ChangesOf(givenUp.Map).Any(IsPending);

    // By what would come, which a night may have made better, or worse, than what is served.
    private bool IsEligible(LoraExpert expert, string? fits) =>
        expert.Status.Artifact is { Digest: not null } artifact
        && artifact.Backbone == fits
        && expert.Status.Stage is not (ExpertStages.Archived or ExpertStages.Merged)
        && !ExpertVersions.IsUseless(_offers.TryGetValue(expert.Metadata.Name, out var offer) ? offer.Evaluation : expert.Status.Evaluation);

    // A bucket that cannot be reached says nothing about what was to be tried: it is tried again.
    private static bool IsRefusal(JobResult result) => !BucketTroubles.IsOne(result.Reason) && (result.Outcome != JobOutcome.Succeeded || result.Check is { IsAccepted: false });

    private static string[] ChangesOf(V1ConfigMap map) => (map.Note(JobNotes.Changes) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries);

    private bool IsOfNow(V1ConfigMap request) => (request.Note(JobNotes.From) ?? "") == (_scope.Active?.Revision ?? "");

    private bool IsPending(string[] changes) => changes.Length > 0 && changes.All(IsPending);

    private bool IsPending(string key) => _growths.Any(offer => offer.Key == key) || _pending.Exists(applicant => applicant.Key == key);

    private bool HasOtherPolicy(SetRevision set)
    {
        var policy = RequestParts.PolicyOf(_scope.Backbone.Spec);
        return set.Experts.Count > 0 && (set.Temperature != policy.Temperature || set.TopK != policy.TopK);
    }

    private Candidate With(IReadOnlyList<string> changes)
    {
        if (_growths.FirstOrDefault(offer => changes.Contains(offer.Key)) is { } growth)
        {
            return new(growth.Members, changes, false, growth.Backbone, [.. GrownFrom, growth.Step.From], [.. Growths, growth.Step]);
        }

        var chosen = _pending.Where(applicant => changes.Contains(applicant.Key)).Select(applicant => applicant.Expert).ToList();
        var names = chosen.Select(expert => expert.Name).ToHashSet(StringComparer.Ordinal);
        IReadOnlyList<ExpertInput> members = [.. _staying.Where(member => !names.Contains(member.Name)).Concat(chosen).OrderBy(member => member.Name, StringComparer.Ordinal)];
        return new(members, changes, changes.Count == 0 && members.Count > 0 && members.Count == _scope.Active?.Set.Experts.Count, Backbone, GrownFrom, Growths);
    }

    // What has begun goes on although more has come meanwhile: or else a stream of new experts would never let one through.
    private Candidate? InFlight()
    {
        foreach (var request in _cluster.RequestsOf(_scope.Backbone, JobKind.FitRouter).Where(IsOfNow))
        {
            var changes = ChangesOf(request);
            var isRefused = _refused.Exists(batch => batch.Changes.Count > 0 && batch.Changes.ToHashSet(StringComparer.Ordinal).SetEquals(changes));
            if (IsPending(changes) && !isRefused)
            {
                var candidate = With(changes);
                if (request.Note(Annotations.InputHash) == FitInputs(candidate))
                {
                    return candidate;
                }
            }
        }

        return null;
    }

    private string FitInputs(Candidate candidate) =>
        Hash.Of([string.Join(',', candidate.Members.Select(member => $"{member.Name}@{member.Digest}")), .. candidate.Offer, _scope.Active?.Revision, RefusalTerms.Of(_scope.Backbone)]);

    private static IEnumerable<RefusedBatch> Refused(ICluster cluster, Backbone backbone)
    {
        var terms = RefusalTerms.Of(backbone);
        foreach (var request in cluster.RequestsOf(backbone, JobKind.Check).Concat(cluster.RequestsOf(backbone, JobKind.FitRouter)))
        {
            var changes = ChangesOf(request);
            if (changes.Length == 0 || request.Note(JobNotes.Terms) != terms || RequestStore.ResultOf(request) is not { } result || !IsRefusal(result))
            {
                continue;
            }

            var skill = result.Check?.Worst.Count > 0 ? result.Check.Worst[0].Skill : null;
            if (skill is null || cluster.Find<Skill>(backbone.Metadata.NamespaceProperty, skill) is { Metadata.DeletionTimestamp: null })
            {
                var reason = result.Check is null ? StageOutcome.ReasonOf(result, Reasons.InvalidInput) : Reasons.RegressionRefused;
                yield return new(changes, skill, reason, result.Check is { } verdict ? Figures(verdict) : result.Message.Length > 0 ? result.Message : reason);
            }
        }

        foreach (var set in cluster.Sets(backbone).Where(set => set.Map.Note(JobNotes.GivenUp) is not null && set.Map.Note(JobNotes.Terms) == terms))
        {
            if (ChangesOf(set.Map) is { Length: > 0 } changes)
            {
                yield return new(changes, null, Reasons.RollOutStuck, set.Map.Note(JobNotes.GivenUp)!);
            }
        }
    }

    private static string Figures(SkillDelta delta)
    {
        var gainsNothing = delta.IsNew is true && delta.Candidate - delta.Active > delta.Budget;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"Skill {delta.Skill} {(gainsNothing ? "itself gains nothing: it " : "")}would go from {delta.Active:0.####}{(delta.IsBest is true ? " at its best" : "")} to {delta.Candidate:0.####} nats per token; {delta.Budget:0.####} more are allowed.{(gainsNothing ? " Give it more examples, or lower rates." : "")}");
    }

    // What its expert is still to learn says nothing about any set. Newer data of a skill stand for those that the active version has learnt.
    private bool IsServed(SkillInput skill) => _scope.Active is { } active && active.Find(skill.Expert) is not null
        && (active.Facts.Learned.GetValueOrDefault(skill.Expert)?.Any(learnt => learnt.Skill == skill.Name) is true || IsCovered(skill));

    private bool IsCovered(SkillInput skill) => _cluster.Find<Skill>(_scope.Namespace, skill.Name)?.Status.Novelty?.Decision == NoveltyDecisions.Covered;

    private bool HasLearnt(SkillInput skill) =>
        _experts.Find(expert => expert.Metadata.Name == skill.Expert)?.Status.TrainedOn?.Any(learnt => learnt.Skill == skill.Name && learnt.Dataset == skill.Dataset) is true;

    private JobRequest Begin(JobKind kind, Candidate candidate, Func<string, bool> isExpertKnown) =>
        RequestParts.Begin(kind, _scope.Backbone, _scope.Active, RequestParts.Skills(_cluster, _scope.Backbone, isExpertKnown)) with { Backbone = candidate.Backbone };

    private JobPlan Plan(JobKind kind, Candidate candidate, string inputs, Func<JobRequest> request) => new()
    {
        Kind = kind,
        Subject = _scope.Backbone,
        Backbone = _scope.Backbone,
        Inputs = inputs,
        IsSuspended = _scope.Backbone.Spec.Suspend,
        IsUrgent = true,
        Notes = new Dictionary<string, string>
        {
            [JobNotes.Changes] = string.Join(',', candidate.Changes),
            [JobNotes.From] = _scope.Active?.Revision ?? "",
            [JobNotes.Terms] = RefusalTerms.Of(_scope.Backbone),
        },
        Request = request,
    };

    // What a night made of it goes before what it is, and takes its place only if a set with it is admitted.
    private ExpertInput NewestOf(LoraExpert expert)
    {
        var name = expert.Metadata.Name;
        return _offers.TryGetValue(name, out var offer) ? Offers.InputOf(offer, MaturityOf(name)) : RequestParts.InputOf(name, expert.Status, MaturityOf(name));
    }

    private int MaturityOf(string expert) => _scope.Active?.Facts.Maturity.GetValueOrDefault(expert)?.Percent ?? 0;
}
