namespace DyLoraMoe.Sandbox.Tests.Running;

/// <summary>What becomes of objects that others own.</summary>
public sealed class GarbageTests(RunningSandbox sandbox) : IClassFixture<RunningSandbox>
{
    [Theory]
    [InlineData("background")]
    [InlineData("foreground")]
    public async Task What_another_owner_keeps_stays_and_forgets_the_one_that_is_gone(string cascade)
    {
        string one = $"{cascade}-one", other = $"{cascade}-other", owned = $"{cascade}-owned";
        await ConfigMapAsync(one);
        await ConfigMapAsync(other);
        await ConfigMapAsync(owned, one, other);

        await sandbox.KubectlAsync("delete", "cm", one, $"--cascade={cascade}", "--timeout=20s");
        await sandbox.UntilAsync(other, "get", "cm", owned, "-o", "jsonpath={.metadata.ownerReferences[*].name}");

        await sandbox.KubectlAsync("delete", "cm", other, $"--cascade={cascade}", "--timeout=20s");
        await sandbox.KubectlAsync("wait", "--for=delete", $"cm/{owned}", "--timeout=20s");
    }

    [Theory]
    [InlineData("chain")]
    [InlineData("circle")]
    public async Task All_that_hangs_on_an_owner_goes_with_it(string shape)
    {
        await ConfigMapAsync($"{shape}-first");
        await ConfigMapAsync($"{shape}-second", $"{shape}-first");
        await ConfigMapAsync($"{shape}-third", $"{shape}-second");
        if (shape == "circle")
        {
            await ConfigMapAsync("circle-first", "circle-third");
        }

        await sandbox.KubectlAsync("delete", "cm", $"{shape}-first", "--cascade=foreground", "--timeout=20s");

        await sandbox.UntilAsync("", "get", "cm", $"{shape}-second", $"{shape}-third", "--ignore-not-found", "-o", "name");
    }

    private async Task ConfigMapAsync(string name, params string[] owners)
    {
        string references = string.Join(',', await Task.WhenAll(owners.Select(OwnerAsync)));
        await sandbox.ApplyAsync(Manifests.ConfigMap(name, metadata: $", ownerReferences: [{references}]"));
    }

    private async Task<string> OwnerAsync(string name) =>
        $$"""{"apiVersion":"v1","kind":"ConfigMap","name":"{{name}}","uid":"{{await sandbox.KubectlAsync("get", "cm", name, "-o", "jsonpath={.metadata.uid}")}}","blockOwnerDeletion":true}""";
}
