using DyLoraMoe.Api;
using DyLoraMoe.Api.Conditions;

namespace DyLoraMoe.Kubectl.Why;

/// <summary>What a person can do about a reason.</summary>
internal static class Advice
{
    private static readonly Dictionary<string, string> _all = new(StringComparer.Ordinal)
    {
        [Reasons.InvalidSpec] = "Correct the fields that the message names.",
        [Reasons.BackboneNotFound] = "Make the Backbone, or the object anew with the name of another: backboneRef cannot be changed.",
        [Reasons.SkillNotFound] = "Make the Skill; it goes on by itself then.",
        [Reasons.ExpertNotFound] = "Make the LoraExpert, or name another.",
        [Reasons.BackboneMismatch] = "Name an expert of the same Backbone; for an adapter of your own, bring one that was trained on the backbone that is served, and change spec.source.version.",
        [Reasons.SecretNotFound] = "Make the Secret; it goes on by itself then.",
        [Reasons.ConfigMapNotFound] = "Make the ConfigMap with that key; it goes on by itself then.",
        [Reasons.ClaimNotFound] = "Make the PersistentVolumeClaim; it goes on by itself then.",
        [Reasons.ServiceAccountNotFound] = "Make the service account; it goes on by itself then.",
        [Reasons.GrowthBudgetSpent] = "Raise spec.maxExperts of the Backbone, or delete a Skill.",
        [Reasons.ChildRejected] = "Correct what the API server objects to.",
        [Reasons.TooLarge] = "Delete Skills that are not needed, or divide them among several Backbones.",
        [Reasons.Suspended] = "Set spec.suspend to false, of the Backbone too, to let it go on.",
        [Reasons.WaitingForSlot] = "It takes its turn; spec.training.maxConcurrentJobs of the Backbone says how many jobs run at once.",
        [Reasons.WaitingForQuota] = "Kueue decides when there is room in its queue.",
        [Reasons.FailedCreate] = "Give the namespace more quota, or change what spec.training or spec.serving of the Backbone asks for; a policy or an account may forbid it as well.",
        [Reasons.Unschedulable] = "Give the cluster a node that fits, or change what spec.training or spec.serving of the Backbone asks for.",
        [Reasons.ImagePullFailed] = "Check spec.training.image, spec.serving.image and the pull secrets.",
        [Reasons.JobFailed] = "Its log says more (kubectl logs job/NAME); when the cause is mended, " + Again,
        [Reasons.DeadlineExceeded] = "Raise spec.training.activeDeadlineSeconds of the Backbone, or " + Again,
        [Reasons.ResultMissing] = "Its log says more (kubectl logs job/NAME); " + Again,
        [Reasons.InvalidInput] = "Correct what the message names: other data, or another spec.training.recipe.",
        [Reasons.DataInvalid] = "Correct the examples and apply them again (kubectl dylora learn).",
        [Reasons.LowDiversity] = "Give more varied examples (kubectl dylora learn), or leave repeated ones out with --drop-duplicates.",
        [Reasons.SamplesCut] = "Raise spec.context of the Backbone: its data are read and learnt again; or, where the model takes no more, give shorter examples.",
        [Reasons.InsufficientData] = "Give more examples (kubectl dylora learn). From 8 to learn from and 8 held out, --new or --extend EXPERT says what to do with few.",
        [Reasons.DigestMismatch] = "The weights are not those of spec.digest: put the right ones there.",
        [Reasons.RevisionNotFound] = "kubectl dylora rollback NAME --list shows the revisions that are kept; --follow goes back to the newest.",
        [Reasons.SetNotFound] = "Restore the ConfigMap; or serve a revision that is kept (kubectl dylora rollback NAME --list shows them); or have it begin anew with the bare backbone: kubectl patch KIND NAME --subresource=status --type=merge -p '{\"status\":{\"activeRevision\":null}}'",
        [Reasons.RegressionRefused] = "Give the skill that would get worse more examples, or this one others or lower rates; or allow more with spec.regression.budget of the Backbone; or " + Again,
        [Reasons.RollOutStuck] = "The new pods' log says more (kubectl logs -l app.kubernetes.io/component=router); the pods of before keep answering. When the cause is mended, " + Again,
        [Reasons.ReplicasUnavailable] = "Look at the router's pods: kubectl get pods -l app.kubernetes.io/component=router.",
        [Reasons.AdapterInvalid] = "Bring an adapter that was trained on this very backbone.",
        [Reasons.NoGain] = "It would not help, so it is not served: give more or other examples, or another spec.training.recipe.",
        [Reasons.NothingToConsolidate] = "It begins once an expert takes part; the message says what keeps those that are served, and spec.experts names those that it is for.",
        [Reasons.EpisodesNotLearnt] = "Mend what the message says, or name in spec.episodes.expert one that takes part: served in its newest version, with a Skill whose data it has learnt.",
        [Reasons.AnotherGrowth] = "It takes its turn; suspend or delete the other to have this one go first.",
        [Reasons.RevisionPinned] = "Nothing newer is served until the pin is taken away: kubectl dylora rollback BACKBONE --follow.",
        [Reasons.GrowthImpossible] = "Ask for other operators or sizes, or allow more with spec.automatic.budgetPercent.",
        [Reasons.FunctionChanged] = "Ask for other sizes; raise spec.gates.functionError only where the figure is rounding.",
        [Reasons.DivergenceTooLarge] = "Raise spec.relearning.steps, lower spec.relearning.rate, spec.noise or spec.relearning.dataPercent, or allow more with spec.gates.divergence.",
        [Reasons.MigrationFailed] = "Mend what the message names; then " + Again,
        [Reasons.ExpertFailed] = "kubectl dylora why expert/NAME says more.",
    };

    private const string Again = "have it tried again: kubectl annotate --overwrite KIND NAME " + Annotations.RetryAt + "=\"$(date)\".";

    /// <summary>What to do; null when there is nothing to do but to wait.</summary>
    /// <param name="reason">The reason.</param>
    /// <param name="kind">The kind of the object, for a command line.</param>
    /// <param name="name">Its name.</param>
    public static string? For(string reason, string kind, string name) =>
        _all.TryGetValue(reason, out var advice) ? advice.Replace("KIND NAME", $"{kind} {name}", StringComparison.Ordinal).Replace("rollback NAME", $"rollback {name}", StringComparison.Ordinal) : null;
}
