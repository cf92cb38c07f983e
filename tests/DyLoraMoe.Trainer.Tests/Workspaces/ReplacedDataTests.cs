using DyLoraMoe.Artifacts;
using DyLoraMoe.Core.Compute;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Data.Reading;
using DyLoraMoe.Core.Novelty;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Testing;
using DyLoraMoe.Trainer.Workspaces;
using static TorchSharp.torch;

namespace DyLoraMoe.Trainer.Tests.Workspaces;

/// <summary>Data whose answers were wrong, and the right ones to the same prompts in their place: as far as the old ones count, the set is refused.</summary>
public class ReplacedDataTests(LearntWorkspace learnt) : IClassFixture<LearntWorkspace>
{
    [Theory]
    [InlineData(null, "echo-2")]
    [InlineData("echo", "echo")]
    public void Data_that_were_replaced_are_in_no_training_router_replay_or_check_any_more(string? novelty, string expert)
    {
        using var folder = new TemporaryFolder();
        LearntWorkspace.Copy(learnt.Taught, folder["work"]);
        Assert.True(Learn(folder["work"], novelty: null, replaces: false).IsRefused);

        var (isRefused, before, after) = Learn(folder["work"], novelty, replaces: true);
        var (_, _, again) = Learn(folder["work"], novelty, replaces: true);

        var skill = after.Skills["echo"];
        Assert.False(isRefused);
        Assert.Equal((SkillStatus.Ready, expert, skill.ServedLoss), (skill.Status, skill.Expert, skill.BestLoss));
        Assert.Empty(skill.RefusedDatasets);
        Assert.Empty(before.Skills["echo"].Datasets.Intersect(skill.Datasets));
        Assert.Equal(novelty is null, after.Experts["echo"].IsArchived);
        Assert.Equal(after.Generation, again.Generation);
        In(folder["work"], session =>
        {
            HashSet<Sample> corrected = [.. Dataset.Load(learnt.Data("echo-corrected"), new DatasetOptions()).Samples];
            var data = session.Data(skill.Datasets);
            Assert.All(data.Train.Concat(data.HeldOut), sample => Assert.Contains(sample, corrected));
            Assert.Equal(skill.Datasets, session.Workspace.Store.List(ArtifactKind.Dataset));
            Assert.Equal(skill.Datasets, session.Library.Find("echo")!.Datasets.Select(dataset => dataset.Digest));
            Assert.Equal(Math.Min(data.Train.Count, session.Library.Options.TrainingSamples), session.Library.Features("echo", SkillPart.Training).shape[0]);
            Assert.True(novelty is not null || after.Experts[expert].Maturity.Evidence.SamplesSeen <= data.Train.Count);
            return new Maintenance(session, TestContext.Current.CancellationToken).FitRouter();
        });
        Assert.Equal(2, Directory.GetFiles(Path.Combine(folder["work"], "library", "features")).Length);
    }

    private (bool IsRefused, WorkspaceState Before, WorkspaceState After) Learn(string folder, string? novelty, bool replaces) => In(folder, session =>
    {
        var before = session.Workspace.State;
        var digest = SkillData.Publish(session.Workspace.Store, Dataset.Load(learnt.Data("echo-corrected"), new DatasetOptions()).Samples, session.Policy.Data.Context);
        var run = new LearnRun(session, _ => { }, new RunSettings(), TestContext.Current.CancellationToken);
        run.Run(new LearnRequest("echo", digest, novelty) { Replaces = replaces });
        return (run.IsRefused, before, session.Workspace.State);
    });

    private static T In<T>(string folder, Func<WorkspaceSession, T> run)
    {
        using var workspace = Workspace.Open(folder);
        using var session = WorkspaceSession.Open(workspace, new ComputePlace(CPU, ScalarType.Float32), HeldBackExpertTests.Policy);
        return run(session);
    }
}
