using DyLoraMoe.Api.Resources;

namespace DyLoraMoe.Api.Validation;

/// <summary>What makes a Backbone valid: the rules of its CRD, for manifests that reached the operator without them.</summary>
public static class BackboneRules
{
    /// <summary>Everything that is wrong with a Backbone.</summary>
    /// <param name="backbone">The Backbone.</param>
    public static IReadOnlyList<FieldError> Check(Backbone backbone)
    {
        var errors = new ErrorList();
        var spec = backbone.Spec;
        PlaceRules.Name(errors, backbone.Metadata?.Name);
        FieldBounds.Check(errors, "spec", spec);
        Places(errors, spec);
        PlaceRules.Ranks(errors, "spec.lora", spec.Lora.Rank, spec.Lora.LargestRank);
        errors.Number("spec.novelty.falseAlarmRate", spec.Novelty.FalseAlarmRate, rate => rate is >= 1e-4 and <= 0.5, "from 0.0001 to 0.5");
        errors.Number("spec.routing.temperature", spec.Routing.Temperature, temperature => temperature is >= 0.01 and <= 100, "from 0.01 to 100");
        errors.Number("spec.regression.budget", spec.Regression.Budget, budget => budget <= 10, "of at most 10");
        PlaceRules.Recipe(errors, "spec.training.recipe", spec.Training.Recipe);
        Serving(errors, spec.Serving);
        PodFields.Metadata(errors, "spec.serving", spec.Serving.PodAnnotations, spec.Serving.PodLabels, spec.Serving.NodeSelector);
        PodFields.Metadata(errors, "spec.training", spec.Training.PodAnnotations, spec.Training.PodLabels, spec.Training.NodeSelector);
        if (spec.Novelty.Proposals is not null && spec.Serving.ApiKeysSecretRef is not null)
        {
            errors.Add("spec.novelty.proposals", "none with serving.apiKeysSecretRef", "both", "leave one of them out: the operator has no key to ask routers for prompts with");
        }

        return errors;
    }

    /// <summary>Everything that is wrong with a Backbone that takes the place of another of the same name.</summary>
    /// <param name="old">The Backbone so far.</param>
    /// <param name="now">The Backbone that is to be.</param>
    public static IReadOnlyList<FieldError> CheckUpdate(Backbone old, Backbone now)
    {
        var errors = new ErrorList();
        errors.AddRange(Check(now));
        Source(errors, old.Spec.Source, now.Spec.Source);
        Store(errors, old.Spec.Store, now.Spec.Store);
        errors.Immutable("spec.dtype", old.Spec.Dtype, now.Spec.Dtype, "experts and routers are measured in it");
        if (old.Spec.Digest is not null)
        {
            errors.Immutable("spec.digest", old.Spec.Digest, now.Spec.Digest, "a backbone is frozen, and its experts belong to its weights");
        }

        return errors;
    }

    private static void Places(ErrorList errors, BackboneSpec spec)
    {
        var (source, store) = (spec.Source, spec.Store);
        errors.ExactlyOne("spec.source", ("persistentVolumeClaim", source.PersistentVolumeClaim), ("s3", source.S3), ("builtin", source.Builtin));
        errors.ExactlyOne("spec.store", ("persistentVolumeClaim", store.PersistentVolumeClaim), ("s3", store.S3));
        PlaceRules.Claim(errors, "spec.source.persistentVolumeClaim", source.PersistentVolumeClaim);
        PlaceRules.Claim(errors, "spec.store.persistentVolumeClaim", store.PersistentVolumeClaim);
    }

    private static void Serving(ErrorList errors, ServingTemplate serving)
    {
        PodFields.CountOrShare(errors, "spec.serving.maxSurge", serving.MaxSurge, Patterns.Percent);
        PodFields.CountOrShare(errors, "spec.serving.maxUnavailable", serving.MaxUnavailable, Patterns.Share);
        if (PodFields.IsNone(serving.MaxSurge) && PodFields.IsNone(serving.MaxUnavailable))
        {
            errors.Add("spec.serving.maxSurge", "more than 0 while maxUnavailable is 0", serving.MaxSurge.ToString() ?? "", "raise one of them: no pod could ever be replaced");
        }

        if (serving.DrainSeconds >= serving.TerminationGracePeriodSeconds)
        {
            errors.Add("spec.serving.drainSeconds", $"less than terminationGracePeriodSeconds, {serving.TerminationGracePeriodSeconds}", $"{serving.DrainSeconds}", "raise terminationGracePeriodSeconds or lower drainSeconds: a pod takes requests within the time that it has to end in");
        }

        PlaceRules.Claim(errors, "spec.serving.feedback.persistentVolumeClaim", serving.Feedback?.PersistentVolumeClaim);
        PlaceRules.Claim(errors, "spec.serving.memory.persistentVolumeClaim", serving.Memory?.PersistentVolumeClaim);
        if (serving.Autoscaling is { } autoscaling && autoscaling.MinReplicas > autoscaling.MaxReplicas)
        {
            errors.Add("spec.serving.autoscaling.minReplicas", $"at most maxReplicas, {autoscaling.MaxReplicas}", $"{autoscaling.MinReplicas}", "raise maxReplicas or lower minReplicas");
        }
    }

    private static void Source(ErrorList errors, BackboneSource old, BackboneSource now)
    {
        errors.SameParts(
            "spec.source",
            ("persistentVolumeClaim", old.PersistentVolumeClaim, now.PersistentVolumeClaim),
            ("s3", old.S3, now.S3),
            ("builtin", old.Builtin, now.Builtin));
        if (old.Builtin is not null && now.Builtin is not null)
        {
            errors.Immutable("spec.source.builtin", old.Builtin, now.Builtin, "another model is another Backbone");
        }
    }

    private static void Store(ErrorList errors, ArtifactStore old, ArtifactStore now)
    {
        const string Why = "everything that was learnt is there";
        errors.SameParts("spec.store", ("persistentVolumeClaim", old.PersistentVolumeClaim, now.PersistentVolumeClaim), ("s3", old.S3, now.S3));
        if (old.PersistentVolumeClaim is { } claim && now.PersistentVolumeClaim is { } other && claim != other)
        {
            errors.Add("spec.store.persistentVolumeClaim", $"no change from {Show(claim)}", Show(other), "put it back: " + Why);
        }

        if (old.S3 is { } s3 && now.S3 is { } otherS3 && (s3.Bucket, s3.Prefix) != (otherS3.Bucket, otherS3.Prefix))
        {
            errors.Add("spec.store.s3", $"no change from {s3.Bucket}/{s3.Prefix}", $"{otherS3.Bucket}/{otherS3.Prefix}", "put bucket and prefix back: " + Why);
        }
    }

    private static string Show(ClaimSource claim) => $"{claim.ClaimName}:/{claim.Path}";
}
