using System.Globalization;
using DyLoraMoe.Api;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Jobs;
using DyLoraMoe.Operator.Reconciling;
using DyLoraMoe.Operator.Requests;
using k8s.Models;

namespace DyLoraMoe.Operator.Skills;

/// <summary>Has the data read into the store and judged, once for each state that they were in.</summary>
internal sealed class AssessData(ICluster cluster, JobRunner jobs) : IPhase<SkillScope>
{
    // What is missing tells of itself when it comes; this is for the case that it does not.
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(10);

    /// <inheritdoc/>
    public async Task<Outcome> RunAsync(SkillScope scope, CancellationToken cancellationToken)
    {
        var skill = scope.Skill;
        var ttl = scope.Backbone.Spec.Training.TtlSecondsAfterFinished;
        if (IsJudged(scope))
        {
            await jobs.StopAsync(skill, JobKind.Assess, cancellationToken);
            await jobs.TidyAsync(skill, _ => false, ttl, cancellationToken);
            await DropOldDataAsync(scope, cancellationToken);
            Report(scope);
            return Outcome.Continue;
        }

        var inputs = InputsOf(scope);
        if (skill.Spec.Data is { PersistentVolumeClaim: null, S3: null } && await PutDataAsync(scope, cancellationToken) is { } missing)
        {
            scope.Find(Finding.False(ConditionTypes.DataResolved, Reasons.ConfigMapNotFound, missing));
            return Outcome.WaitFor(Reasons.ConfigMapNotFound, missing, _patience);
        }

        var own = OwnExpert(scope);
        var stage = await jobs.AdvanceAsync(
            new()
            {
                Kind = JobKind.Assess,
                Subject = skill,
                Backbone = scope.Backbone,
                Inputs = inputs,
                Data = SkillInputs.Place(skill, scope.Inputs),
                IsSuspended = skill.Spec.Suspend || scope.Backbone.Spec.Suspend,
                Request = () => Request(scope, own),
            },
            cancellationToken);
        if (stage is not JobStage.Finished { IsSuccess: true } finished)
        {
            var (finding, outcome) = StageOutcome.Of(stage, ConditionTypes.DataResolved, Reasons.DataInvalid);
            scope.Find(finding);
            scope.Job = (stage as JobStage.Running)?.Job;
            return outcome;
        }

        // The Job goes in time, and its change brings a visit that finds the judgement in the status and lets data and request go.
        await jobs.TidyAsync(skill, _ => true, ttl, cancellationToken);
        var result = finished.Result.Assess!;
        scope.Dataset = new()
        {
            Digest = result.Dataset,
            Samples = result.Samples,
            HeldOut = result.HeldOut,
            HeldOutPercent = result.HeldOutPercent,
            Tokens = result.Tokens,
            Dropped = result.Dropped,
            PromptsCut = result.PromptsCut,
            AnswersCut = result.AnswersCut,
            Context = (result.PromptsCut, result.AnswersCut) is (null, null) ? null : result.Context,
            Diversity = StatusOf(result.Diversity),
            Input = scope.Inputs,
        };
        scope.Novelty = new()
        {
            Decision = result.Decision,
            PValue = RequestParts.Text(result.PValue),
            Signals = result.Signals.Count == 0 ? null : [.. result.Signals.Select(signal => new NoveltySignal { Name = signal.Key, PValue = RequestParts.Text(signal.Value) ?? "" })],
            NearestExpert = result.NearestExpert,
            NearestSkill = result.NearestSkill,
            HeadStartPercent = result.HeadStartPercent,
            StartFrom = result.StartFrom,
            LeastSamples = result.Decision == NoveltyDecisions.InsufficientData ? result.LeastSamples : null,
            Message = finished.Result.Message,
        };
        scope.Expert = result.Expert ?? own?.Metadata.Name;
        Report(scope);
        return Outcome.Continue;
    }

    // Judged, by what the Backbone says today, and the expert that the judgement names is still there.
    private bool IsJudged(SkillScope scope) =>
        WasJudged(scope)
        && !IsOutdated(scope)
        && (scope.Novelty!.Decision is not (NoveltyDecisions.Covered or NoveltyDecisions.Extends) || IsThere(scope));

    private static bool WasJudged(SkillScope scope) => scope.Dataset?.Input == scope.Inputs && scope.Novelty?.Decision is not null;

    private static bool IsOutdated(SkillScope scope) =>
        scope.Dataset!.Context < RequestParts.ContextOf(scope.Backbone)
        || (scope.Novelty!.LeastSamples is { } least && least != scope.Backbone.Spec.Novelty.LeastSamples);

    private bool IsThere(SkillScope scope) => scope.Expert is { } expert && cluster.Find<LoraExpert>(scope.Namespace, expert) is { Metadata.DeletionTimestamp: null };

    private static string InputsOf(SkillScope scope)
    {
        if (WasJudged(scope))
        {
            return IsOutdated(scope)
                ? Hash.Of(scope.Inputs, "again", ContractJson.Write(RequestParts.PolicyOf(scope.Backbone.Spec)))
                : Hash.Of(scope.Inputs, "without", scope.Expert);
        }

        var share = HeldOutPercentOf(scope);
        return share == scope.Skill.Spec.HeldOutPercent ? scope.Inputs : Hash.Of(scope.Inputs, "held out", share.ToString(CultureInfo.InvariantCulture));
    }

    private static int HeldOutPercentOf(SkillScope scope) => scope.Expert is null ? scope.Skill.Spec.HeldOutPercent : RequestParts.HeldOutPercentOf(scope.Skill);

    private LoraExpert? OwnExpert(SkillScope scope)
    {
        // New data of a skill that an expert has learnt go to that expert: they need no judgement, and their own past would look most like them.
        if (scope.Skill.Spec.Novelty.Mode == SkillNovelty.Extend || scope.Novelty?.Decision == NoveltyDecisions.Covered)
        {
            return null;
        }

        var expert = scope.Expert is { } name ? cluster.Find<LoraExpert>(scope.Namespace, name) : null;
        var isOwn = expert is { Metadata.DeletionTimestamp: null }
            && (expert.Spec.SkillRef?.Name == scope.Name || expert.Status.TrainedOn?.Any(each => each.Skill == scope.Name) == true);
        return isOwn ? expert : null;
    }

    private JobRequest Request(SkillScope scope, LoraExpert? own)
    {
        var (skill, backbone) = (scope.Skill, scope.Backbone);
        var skills = RequestParts.Skills(cluster, backbone, expert => scope.ActiveSet?.Find(expert) is not null, except: scope.Name);
        return RequestParts.Begin(JobKind.Assess, backbone, scope.ActiveSet, skills) with
        {
            Assess = new()
            {
                Skill = scope.Name,
                Format = skill.Spec.Data.Format,
                InputField = skill.Spec.Data.InputField,
                OutputField = skill.Spec.Data.OutputField,
                HeldOutPercent = HeldOutPercentOf(scope),
                Chat = skill.Spec.Data.Chat ? true : null,
                DropDuplicates = skill.Spec.Data.DropDuplicates ? true : null,
                Novelty = own is not null ? SkillNovelty.Extend : skill.Spec.Novelty.Mode,
                Expert = own?.Metadata.Name ?? skill.Spec.Novelty.ExpertRef?.Name,
                Recipe = RequestParts.Recipe(skill.Spec.Training.Recipe, backbone.Spec.Training.Recipe),
                Lora = RequestParts.Shape(backbone.Spec.Lora, skill.Spec.Training.Lora, null),
            },
        };
    }

    // A copy of its own, so that what the job reads is what the operator looked at, however often the original changes. What is missing, if anything is.
    private async Task<string?> PutDataAsync(SkillScope scope, CancellationToken cancellationToken)
    {
        var (skill, data) = (scope.Skill, scope.Skill.Spec.Data);
        var name = ChildNames.Data(scope.Name, scope.Inputs);
        if (cluster.Find<V1ConfigMap>(scope.Namespace, name) is not null)
        {
            return null;
        }

        var text = data.Inline;
        if (data.ConfigMapRef is { } reference)
        {
            var source = await cluster.ReadOneAsync<V1ConfigMap>(scope.Namespace, reference.Name, cancellationToken);
            if (source is null || SkillInputs.HashOf(skill.Spec, Trimming.FingerprintOf(source)) != scope.Inputs)
            {
                // Its watch brings what it is now, and with that another visit.
                return $"ConfigMap {reference.Name} has changed or gone just now.";
            }

            if (source.Data is not { } entries || !entries.TryGetValue(reference.Key, out text))
            {
                return $"ConfigMap {reference.Name} has no key {reference.Key} with text; {(source.Data is { Count: > 0 } others ? $"it has {string.Join(", ", others.Keys.Order(StringComparer.Ordinal).Take(8))}" : "it has none")}. Add it, or name another in data.configMapRef.";
            }
        }

        var labels = CommonLabels.Of(scope.Backbone.Metadata.Name, "data");
        labels[Labels.Skill] = scope.Name;
        await cluster.GetOrCreateAsync(
            new V1ConfigMap
            {
                ApiVersion = "v1",
                Kind = "ConfigMap",
                Metadata = new() { Name = name, NamespaceProperty = scope.Namespace, Labels = labels, OwnerReferences = [Owner.Of(skill)] },
                Immutable = true,
                Data = new Dictionary<string, string> { [SkillInputs.FileName(data.Format)] = text ?? "" },
            },
            cancellationToken);
        return null;
    }

    private async Task DropOldDataAsync(SkillScope scope, CancellationToken cancellationToken)
    {
        foreach (var map in cluster.ListOwned<V1ConfigMap>(scope.Skill).Where(map => map.Tag(Labels.Component) == "data"))
        {
            // The data are in the store now; the Job that read them may still be looked at, and needs none any more.
            await cluster.DeleteAsync(map, cancellationToken);
        }
    }

    private static DiversityStatus? StatusOf(DiversityResult? diversity) => diversity is null ? null : new()
    {
        NearDuplicatesPercent = (int)Math.Round(100 * diversity.NearDuplicates),
        DistinctTriplesPercent = (int)Math.Round(100 * diversity.DistinctTriples),
        Coverage = diversity.Coverage.ToString("0.0", CultureInfo.InvariantCulture),
        Warnings = diversity.Warnings.Count == 0 ? null : [.. diversity.Warnings],
    };

    private static string? CutsOf(DatasetStatus dataset, Backbone backbone) => (dataset.PromptsCut, dataset.AnswersCut) switch
    {
        (null, null) => null,
        var (prompts, answers) => $"The context is too short: {prompts ?? 0} prompts lost their beginning and {answers ?? 0} answers their end. {(dataset.Context >= backbone.Status.ContextLength
            ? "The model takes no more: give shorter samples."
            : "Raise the Backbone's spec.context, and they are learnt again.")}",
    };

    private static void Report(SkillScope scope)
    {
        var (dataset, novelty) = (scope.Dataset!, scope.Novelty!);
        var left = dataset.Dropped > 0 ? $", {dataset.Dropped} that nearly repeat another left out" : "";
        var share = dataset.HeldOutPercent < scope.Skill.Spec.HeldOutPercent ? $" {dataset.HeldOutPercent} % stay held out, not {scope.Skill.Spec.HeldOutPercent}: what was learnt cannot be held out any more." : null;
        var (cuts, warnings) = (CutsOf(dataset, scope.Backbone), dataset.Diversity?.Warnings ?? []);
        scope.Find(Finding.True(
            ConditionTypes.DataResolved,
            cuts is not null ? Reasons.SamplesCut : warnings.Count > 0 ? Reasons.LowDiversity : Reasons.DatasetPublished,
            string.Join(' ', ((IEnumerable<string?>)[$"{dataset.Samples} samples, {dataset.HeldOut} of them held out{left}, as {dataset.Digest}.{share}", cuts, .. warnings]).OfType<string>())));
        var isGiven = scope.Skill.Spec.Novelty.Mode != SkillNovelty.Auto;
        var message = novelty.Message is { Length: > 0 } said ? said : $"{novelty.Decision}.";
        scope.Find(novelty.Decision == NoveltyDecisions.InsufficientData
            ? Finding.False(ConditionTypes.NoveltyAssessed, Reasons.InsufficientData, message)
            : Finding.True(ConditionTypes.NoveltyAssessed, isGiven ? Reasons.NoveltyGiven : novelty.Decision!, message));
    }
}
