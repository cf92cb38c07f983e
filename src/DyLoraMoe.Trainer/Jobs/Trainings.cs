using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Artifacts;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Trainer.CommandLine;

namespace DyLoraMoe.Trainer.Jobs;

/// <summary>Runs what makes an expert or a backbone, from checkpoints where there are any, and once more when what came of it is gone.</summary>
internal static class Trainings
{
    private const string Phase = "train";

    /// <summary>The result of a training, from the job's journal or by doing it.</summary>
    /// <param name="context">The job.</param>
    /// <param name="train">Trains, measures and publishes.</param>
    public static JobResult Do(JobContext context, Func<JobResult> train)
    {
        var recipe = context.Request.Train?.Recipe ?? context.Request.Consolidate?.Recipe;
        if (recipe?.Optimizer is not (null or Optimizers.AdamW))
        {
            context.Say($"optimizer {recipe.Optimizer}: {RecipeOptions.NoGainForExperts}");
        }

        var result = context.Journal.DoResult(Phase, () => FromCheckpoints(context, train));
        if (Published(result) is var (kind, digest) && !context.Store.Renew(kind, digest))
        {
            context.Say($"{kind} {digest} is not in the store any more: it is made again");
            context.Journal.Forget(Phase);
            result = context.Journal.DoResult(Phase, () => FromCheckpoints(context, train));
        }

        context.DropTraining();
        return result;
    }

    private static (ArtifactKind Kind, string Digest)? Published(JobResult result) => (result.Train, result.Grow) switch
    {
        ({ Expert: var expert }, _) => (ArtifactKind.Expert, expert),
        (_, { Artifact: { } backbone }) => (ArtifactKind.Backbone, backbone),
        _ => null,
    };

    private static JobResult FromCheckpoints(JobContext context, Func<JobResult> train)
    {
        try
        {
            return OrAfresh(context, train);
        }
        catch (TrainingDivergedException error)
        {
            throw new InvalidInputException(Reasons.InvalidInput, error.Message, error);
        }
    }

    // A program of another version may find checkpoints that it cannot go on from.
    private static JobResult OrAfresh(JobContext context, Func<JobResult> train)
    {
        try
        {
            return train();
        }
        catch (CheckpointMismatchException mismatch)
        {
            context.Say($"training begins afresh: {mismatch.Message}");
            context.DropTraining();
            return train();
        }
    }
}
