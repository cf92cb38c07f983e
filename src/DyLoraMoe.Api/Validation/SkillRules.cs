using System.Text;
using DyLoraMoe.Api.Resources;

namespace DyLoraMoe.Api.Validation;

/// <summary>What makes a Skill valid: the rules of its CRD, for manifests that reached the operator without them.</summary>
public static class SkillRules
{
    /// <summary>Everything that is wrong with a Skill.</summary>
    /// <param name="skill">The Skill.</param>
    public static IReadOnlyList<FieldError> Check(Skill skill)
    {
        var errors = new ErrorList();
        var spec = skill.Spec;
        PlaceRules.Name(errors, skill.Metadata?.Name);
        FieldBounds.Check(errors, "spec", spec);
        Data(errors, spec.Data);
        Novelty(errors, spec.Novelty);
        PlaceRules.Recipe(errors, "spec.training.recipe", spec.Training.Recipe);
        PlaceRules.Ranks(errors, "spec.training.lora", spec.Training.Lora.Rank, spec.Training.Lora.LargestRank);
        return errors;
    }

    /// <summary>Everything that is wrong with a Skill that takes the place of another of the same name.</summary>
    /// <param name="old">The Skill so far.</param>
    /// <param name="now">The Skill that is to be.</param>
    public static IReadOnlyList<FieldError> CheckUpdate(Skill old, Skill now)
    {
        var errors = new ErrorList();
        errors.AddRange(Check(now));
        errors.Immutable("spec.backboneRef", old.Spec.BackboneRef.Name, now.Spec.BackboneRef.Name, "another backbone's skill is another Skill");
        return errors;
    }

    private static void Data(ErrorList errors, SkillData data)
    {
        errors.ExactlyOne(
            "spec.data",
            ("inline", data.Inline),
            ("configMapRef", data.ConfigMapRef),
            ("persistentVolumeClaim", data.PersistentVolumeClaim),
            ("s3", data.S3));
        if (data.Inline is { } text && Encoding.UTF8.GetByteCount(text) is > Bounds.InlineLength and var size)
        {
            errors.Add("spec.data.inline", $"at most {Bounds.InlineLength} bytes in UTF-8", $"{size}", "put the samples on a volume: what stands in a manifest goes into a ConfigMap");
        }

        PlaceRules.Claim(errors, "spec.data.persistentVolumeClaim", data.PersistentVolumeClaim);
        if (data.InputField is null != data.OutputField is null)
        {
            var (there, missing) = data.InputField is null ? ("outputField", "inputField") : ("inputField", "outputField");
            errors.Add("spec.data." + missing, $"a field beside {there}", "nothing", "name both fields, or leave both out");
        }

        if (data.Format == DataFormats.Text && data.Chat)
        {
            errors.Add("spec.data.chat", "a format with prompts", $"{DataFormats.Text}", "leave chat out, or choose another format");
        }

        if (data.Format == DataFormats.Text && (data.InputField ?? data.OutputField) is { } field)
        {
            errors.Add("spec.data.format", "a format with fields", $"{DataFormats.Text} with the field {ErrorList.Show(field)}", "leave inputField and outputField out, or choose another format");
        }
    }

    private static void Novelty(ErrorList errors, SkillNovelty novelty)
    {
        if (novelty.Mode == SkillNovelty.Extend && novelty.ExpertRef is null)
        {
            errors.Add("spec.novelty.expertRef", "the expert to extend, since mode is Extend", "nothing", "name a LoraExpert, or choose another mode");
        }
        else if (novelty.Mode != SkillNovelty.Extend && novelty.ExpertRef is { } expert)
        {
            errors.Add("spec.novelty.expertRef", $"nothing, since mode is {novelty.Mode}", ErrorList.Show(expert.Name), "remove it, or set mode to Extend");
        }
    }
}
