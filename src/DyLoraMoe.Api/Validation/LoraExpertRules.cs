using DyLoraMoe.Api.Resources;

namespace DyLoraMoe.Api.Validation;

/// <summary>What makes a LoraExpert valid: the rules of its CRD, for manifests that reached the operator without them.</summary>
public static class LoraExpertRules
{
    private const string Shape = "the weights have this shape";

    /// <summary>Everything that is wrong with a LoraExpert.</summary>
    /// <param name="expert">The LoraExpert.</param>
    public static IReadOnlyList<FieldError> Check(LoraExpert expert)
    {
        var errors = new ErrorList();
        var spec = expert.Spec;
        PlaceRules.Name(errors, expert.Metadata?.Name);
        FieldBounds.Check(errors, "spec", spec);
        errors.ExactlyOne("spec", ("skillRef", spec.SkillRef), ("source", spec.Source));
        PlaceRules.Ranks(errors, "spec", spec.Rank, spec.LargestRank);
        PlaceRules.Recipe(errors, "spec.recipe", spec.Recipe);
        if (spec.Source is { } source)
        {
            Source(errors, spec, source);
        }

        return errors;
    }

    /// <summary>Everything that is wrong with a LoraExpert that takes the place of another of the same name.</summary>
    /// <param name="old">The LoraExpert so far.</param>
    /// <param name="now">The LoraExpert that is to be.</param>
    public static IReadOnlyList<FieldError> CheckUpdate(LoraExpert old, LoraExpert now)
    {
        var errors = new ErrorList();
        errors.AddRange(Check(now));
        var (was, wanted) = (old.Spec, now.Spec);
        errors.Immutable("spec.backboneRef", was.BackboneRef.Name, wanted.BackboneRef.Name, "an expert belongs to its backbone's weights");
        errors.Immutable("spec.skillRef", was.SkillRef?.Name, wanted.SkillRef?.Name, "another skill's expert is another LoraExpert");
        errors.Immutable("spec.rank", was.Rank, wanted.Rank, Shape);
        errors.Immutable("spec.alpha", was.Alpha, wanted.Alpha, Shape);
        errors.Immutable("spec.mode", was.Mode, wanted.Mode, Shape);
        if (!PlaceRules.SameSet(was.TargetModules, wanted.TargetModules))
        {
            errors.Add("spec.targetModules", $"no change from {Show(was.TargetModules)}", Show(wanted.TargetModules), "put it back: " + Shape);
        }

        if (was.Source is { } source && wanted.Source is { } other)
        {
            errors.SameParts("spec.source", ("persistentVolumeClaim", source.PersistentVolumeClaim, other.PersistentVolumeClaim), ("s3", source.S3, other.S3));
        }

        return errors;
    }

    private static void Source(ErrorList errors, LoraExpertSpec spec, ExpertSource source)
    {
        errors.ExactlyOne("spec.source", ("persistentVolumeClaim", source.PersistentVolumeClaim), ("s3", source.S3));
        PlaceRules.Claim(errors, "spec.source.persistentVolumeClaim", source.PersistentVolumeClaim);
        if (spec.Rank is not null || spec.LargestRank is not null || spec.Alpha is not null || spec.TargetModules is not null)
        {
            errors.Add("spec.source", "an adapter that has its shape already", "rank, largestRank, alpha or targetModules beside it", "leave those out: they are read from adapter_config.json");
        }
    }

    private static string Show(IList<string>? modules) => modules is null ? "nothing" : ErrorList.Show(string.Join(", ", modules));
}
