using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Compute;
using DyLoraMoe.Core.Data.Reading;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Lifecycle;
using DyLoraMoe.Core.Routing;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Testing;
using DyLoraMoe.Trainer.Workspaces;
using static TorchSharp.torch;

namespace DyLoraMoe.Trainer.Tests.Workspaces;

public class HeldBackExpertTests(LearntWorkspace learnt) : IClassFixture<LearntWorkspace>
{
    // A router that is not held to its past, so that prompts in the same words go to the skill that has more of them.
    internal static LearningPolicy Policy { get; } = new()
    {
        Regression = new RegressionBudget { Nats = 0.01, Share = 0 },
        RouterTraining = new RouterTrainingOptions { Distillation = 0 },
        Experts = new ExpertPolicy
        {
            Adapter = new LoraConfig { Rank = 4, Alpha = 8 },
            Rank = new RankPolicy { BaseRank = 4, LargestRank = 4 },
            Mode = new ModeChoiceOptions { Mode = ModeRequest.Full },
            Training = TrainingOptions.Expert with
            {
                Rows = 4,
                Context = 64,
                MaxSteps = 120,
                EvaluateEvery = 20,
                Seeding = new SeedingOptions { Rate = 0.02, MaxSteps = 60 },
                Consolidation = new ConsolidationOptions { Rate = 0.01, FinalRate = 0.001 },
            },
        },
    };

    [Fact]
    public void A_new_expert_gives_up_some_of_its_prompts_rather_than_be_refused()
    {
        using var folder = new TemporaryFolder();
        using var workspace = Workspace.OpenOrCreate(folder["work"], learnt.Model, Policy.Data);
        using var session = WorkspaceSession.Open(workspace, new ComputePlace(CPU, ScalarType.Float32), Policy);

        Learn("echo", "echo-tell");
        Learn("next", "next-tell");

        Assert.Equal(SkillStatus.Ready, workspace.State.Skills["next"].Status);
        Assert.InRange(workspace.State.Skills["next"].RoutedShare!.Value, 0.5, 0.99);
        Assert.Equal(1, workspace.State.Skills["echo"].RoutedShare);

        void Learn(string skill, string data)
        {
            var digest = SkillData.Publish(workspace.Store, Dataset.Load(learnt.Data(data), new DatasetOptions()).Samples, session.Policy.Data.Context);
            new LearnRun(session, _ => { }, new RunSettings(), TestContext.Current.CancellationToken).Run(new LearnRequest(skill, digest, Novelty: "novel"));
        }
    }
}
