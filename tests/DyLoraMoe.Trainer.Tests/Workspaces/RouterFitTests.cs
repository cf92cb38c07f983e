using DyLoraMoe.Artifacts;
using DyLoraMoe.Core.Routing;
using DyLoraMoe.Testing;
using DyLoraMoe.Trainer.Workspaces;

namespace DyLoraMoe.Trainer.Tests.Workspaces;

public class RouterFitTests(LearntWorkspace learnt) : IClassFixture<LearntWorkspace>
{
    [Fact]
    public async Task The_temperature_stays_until_another_is_asked_for()
    {
        using var folder = new TemporaryFolder();
        LearntWorkspace.Copy(learnt.Taught, folder["work"]);

        (await Dylora.RunAsync("fit-router", "--workspace", folder["work"], "--temperature", "0.5")).Succeeded();
        Assert.Equal(0.5, TemperatureOf(folder["work"]));
        (await Dylora.RunAsync(learnt.Learn(folder["work"], "next", "next"))).Succeeded();
        Assert.Equal(0.5, TemperatureOf(folder["work"]));
        (await Dylora.RunAsync("fit-router", "--workspace", folder["work"])).Succeeded();
        Assert.Equal(0.5, TemperatureOf(folder["work"]));
        (await Dylora.RunAsync("fit-router", "--workspace", folder["work"], "--temperature", "1")).Succeeded();
        Assert.Equal(1, TemperatureOf(folder["work"]));
    }

    private static double TemperatureOf(string folder)
    {
        using var router = RouterOf(folder);
        return router.Options.Temperature;
    }

    private static DynamicHybridRouter RouterOf(string folder)
    {
        using var workspace = Workspace.Open(folder);
        return DynamicHybridRouter.Load(workspace.Store.Open(ArtifactKind.Router, workspace.SetOf(workspace.State.ActiveSet!).Document.Router));
    }
}
