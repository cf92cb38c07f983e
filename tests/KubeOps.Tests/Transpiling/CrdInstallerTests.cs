using k8s.Models;
using KubeOps.Abstractions.Crds;
using KubeOps.Tests.Fakes;

namespace KubeOps.Tests.Transpiling;

public sealed class CrdInstallerTests
{
    [Fact]
    public async Task Definitions_are_installed_at_the_start_and_deleted_at_the_end_if_so_told()
    {
        await using var server = await FakeApiServer.StartAsync();
        var @operator = await TestOperator.StartAsync(
            server, parts: add => add.AddCrdInstaller(settings => settings.WithDeleteOnShutdown()));
        await Wait.UntilAsync(
            () => server.Find("customresourcedefinitions/things.test.dev") is not null, "the definition is installed");
        Assert.NotNull(await @operator.Client.GetAsync<V1CustomResourceDefinition>("things.test.dev"));

        await @operator.DisposeAsync();

        Assert.Null(server.Find("customresourcedefinitions/things.test.dev"));
    }
}
