using DyLoraMoe.Api.Tests.Crds;
using DyLoraMoe.Testing.Resources;

namespace DyLoraMoe.Api.Tests.Gitops;

public sealed class HealthTests
{
    private const string Scripts = "config/gitops/argocd/resource_customizations/dylora.dev";

    public static TheoryData<string> FluxStates => [.. ResourceState.All.Where(state => state.Flux is not null).Select(state => state.Name)];

    public static TheoryData<string> States => [.. ResourceState.All.Select(state => state.Name)];

    [Fact]
    public void Argo_CD_sees_every_state()
    {
        var scripts = CrdFiles.Kinds.ToDictionary(kind => kind, Script);
        var seen = Lua.Health(scripts, ResourceState.All.Select(state => state.Resource));

        Assert.Equal(ResourceState.All.Select(state => (state.Name, state.Argo, state.Message)), ResourceState.All.Zip(seen, (state, health) => (state.Name, health.Status, health.Message)));
        Assert.Equal(["Degraded", "Healthy", "Progressing", "Suspended"], seen.Select(health => health.Status).Distinct().Order());
    }

    [Fact]
    public void The_patch_for_Argo_CD_holds_the_scripts()
    {
        var data = YamlJson.Read(Repository.Read("config/gitops/argocd/argocd-cm-patch.yaml")).Single()["data"]!.AsObject();

        Assert.Equal(
            CrdFiles.Kinds.ToDictionary(kind => $"resource.customizations.health.dylora.dev_{kind}", Script),
            data.ToDictionary(entry => entry.Key, entry => entry.Value!.GetValue<string>()));
    }

    [Theory]
    [MemberData(nameof(FluxStates))]
    public void Flux_sees_every_state(string name)
    {
        var state = Find(name);

        Assert.Equal(state.Flux, FluxChecks.StatusOf(state.Resource));
    }

    [Theory]
    [MemberData(nameof(States))]
    public void Tools_built_on_kstatus_see_every_state(string name)
    {
        var state = Find(name);

        Assert.Equal(state.KStatus, KStatusRules.Of(state.Resource));
    }

    [Fact]
    public void A_resource_that_was_just_made_is_never_taken_for_done()
    {
        Assert.All(CrdFiles.Kinds, kind =>
        {
            var resource = ManifestTable.Cases.First(row => row.Kind == kind && row.Refused is null && row.Update is null).Manifest.DeepClone().AsObject();
            resource["metadata"]!["generation"] = 1;

            Assert.Equal(KStatus.InProgress, KStatusRules.Of(ApiServer.Defaulted(CrdFiles.Schema(kind), resource)));
        });
    }

    private static ResourceState Find(string name) => ResourceState.All.First(state => state.Name == name);

    private static string Script(string kind) => Repository.Read($"{Scripts}/{kind}/health.lua");
}
