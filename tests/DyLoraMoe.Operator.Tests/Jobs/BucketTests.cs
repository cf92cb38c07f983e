using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Tests.World;
using k8s.Models;

namespace DyLoraMoe.Operator.Tests.Jobs;

public sealed class BucketTests
{
    private static readonly S3Source _store = new()
    {
        Bucket = "experts",
        Prefix = "team/tiny",
        Endpoint = "https://minio.storage.svc:9000/",
        CredentialsSecretRef = new() { Name = "minio" },
        CaBundle = new() { Name = "minio-ca", Key = "bundle.pem" },
    };

    [Fact]
    public async Task Jobs_and_routers_get_places_as_arguments_and_secrets_only_by_reference()
    {
        using var world = new OperatorWorld { JobsEnd = true };
        Authorities(world);
        world.Apply(spec =>
        {
            spec.Store = new() { S3 = _store };
            spec.Source = new() { S3 = new() { Bucket = "models", Prefix = "llama", Region = "eu-west-1" } };
        });
        world.Learn("far", change: spec => spec.Data = new() { S3 = new() { Bucket = "tickets", CredentialsSecretRef = new() { Name = "tickets" }, Endpoint = "http://other:9000", PathStyle = false } });
        await world.SettleAsync();

        Assert.Equal((ConditionStatus.True, Reasons.Serving), Ready(world.Backbone.Status));
        var assess = world.Server.All<V1Job>().Single(job => job.Metadata.Name.StartsWith("far-assess", StringComparison.Ordinal)).Spec.Template.Spec;
        var router = world.Server.All<V1Deployment>().Single().Spec.Template.Spec;
        foreach (var pod in new[] { assess, router })
        {
            var container = pod.Containers.Single();
            var store = S3Location.Parse(After(container, "--store"));
            Assert.Equal(new S3Location { Bucket = "experts", Prefix = "team/tiny", Endpoint = "https://minio.storage.svc:9000", PathStyle = true, CaFile = "/dylora/ca/store/ca.crt", Credentials = "DYLORA_STORE" }, store);
            Assert.Equal(new S3Location { Bucket = "models", Prefix = "llama", Region = "eu-west-1" }, S3Location.Parse(After(container, "--backbone")));
            Assert.Equal("/dylora/cache", After(container, "--cache"));
            Assert.Equal("200Gi", pod.Volumes.Single(volume => volume.Name == "cache").EmptyDir.SizeLimit.ToString());
            var authorities = pod.Volumes.Single(volume => volume.Name == "store-ca").ConfigMap;
            Assert.Equal(("minio-ca", "bundle.pem", "ca.crt"), (authorities.Name, authorities.Items.Single().Key, authorities.Items.Single().Path));
            var secrets = container.Env.Where(variable => variable.ValueFrom?.SecretKeyRef is not null).ToDictionary(variable => variable.Name, variable => variable.ValueFrom.SecretKeyRef);
            Assert.Equal(("minio", "AWS_SECRET_ACCESS_KEY", (bool?)null), Of(secrets[store.SecretKeyVariable]));
            Assert.Equal(("minio", "AWS_SESSION_TOKEN", true), Of(secrets[store.SessionTokenVariable]));
            Assert.DoesNotContain(pod.Volumes, volume => volume.Secret is not null || volume.PersistentVolumeClaim is not null);
            Assert.Null(container.EnvFrom);
        }

        var data = S3Location.Parse(After(assess.Containers[0], "--data"));
        Assert.Equal(("tickets", "DYLORA_DATA", false), (data.Bucket, data.Credentials, data.PathStyle));
        Assert.Contains(assess.Containers[0].Env, variable => variable.Name == data.AccessKeyVariable);
        Assert.DoesNotContain(router.Containers[0].Env, variable => variable.Name == data.AccessKeyVariable);

        static (string, string, bool?) Of(V1SecretKeySelector secret) => (secret.Name, secret.Key, secret.Optional);
    }

    [Fact]
    public async Task Certificates_that_are_not_there_are_waited_for()
    {
        using var world = new OperatorWorld();
        world.Apply(spec => spec.Store = new() { S3 = _store });
        await world.SettleAsync();
        Assert.Equal((ConditionStatus.Unknown, Reasons.ConfigMapNotFound), Ready(world.Backbone.Status));

        Authorities(world);
        await world.SettleAsync();
        Assert.Equal((ConditionStatus.True, Reasons.Serving), Ready(world.Backbone.Status));
    }

    [Fact]
    public async Task What_a_bucket_stands_in_the_way_of_is_said_and_goes_on_once_somebody_mends_it()
    {
        using var world = new OperatorWorld();
        world.Apply();
        world.Work.Trouble = request => request.Kind == JobKind.Assess ? (Reasons.BucketNotFound, "s3://tickets: 404 NoSuchBucket.") : null;
        world.Learn("far", change: spec => spec.Data = new() { S3 = new() { Bucket = "tickets" } });
        await world.SettleAsync(looksAgain: false);

        var status = world.Skill("far").Status;
        Assert.Equal((ConditionStatus.Unknown, Reasons.BucketNotFound), Ready(status));
        Assert.Equal(ConditionStatus.False, status.Conditions.Find(ConditionTypes.DataResolved)!.Status);
        Assert.Contains("NoSuchBucket", status.Conditions.Find(ConditionTypes.DataResolved)!.Message, StringComparison.Ordinal);
        Assert.Null(status.Conditions.Find(ConditionTypes.Stalled));
        var tries = world.Work.Requests.Count(request => request.Kind == JobKind.Assess);

        world.Work.Trouble = _ => null;
        await world.SettleAsync();

        Assert.Equal(ConditionStatus.True, world.Skill("far").Status.Conditions.Find(ConditionTypes.Ready)!.Status);
        Assert.Equal(tries + 1, world.Work.Requests.Count(request => request.Kind == JobKind.Assess));
    }

    [Fact]
    public async Task A_skill_is_read_again_when_its_place_changes_and_not_when_its_credentials_do()
    {
        using var world = new OperatorWorld();
        world.Apply();
        void Learn(Action<S3Source>? change = null) => world.Learn("far", change: spec =>
        {
            spec.Data = new() { S3 = new() { Bucket = "tickets", Prefix = "2026" } };
            change?.Invoke(spec.Data.S3);
        });
        int Assessments() => world.Work.Requests.Count(request => request.Kind == JobKind.Assess);
        Learn();
        await world.SettleAsync();
        var before = Assessments();

        Learn(source => source.CredentialsSecretRef = new() { Name = "new" });
        await world.SettleAsync();
        Assert.Equal(before, Assessments());

        Learn(source => source.Prefix = "2027");
        await world.SettleAsync();
        Assert.Equal(before + 1, Assessments());
    }

    private static void Authorities(OperatorWorld world) =>
        world.Server.Create(new V1ConfigMap { Metadata = new() { Name = "minio-ca", NamespaceProperty = OperatorWorld.Namespace }, Data = new Dictionary<string, string> { ["bundle.pem"] = "..." } });

    private static string After(V1Container container, string option) => container.Args[container.Args.IndexOf(option) + 1];

    private static (string Status, string Reason) Ready(IConditioned status)
    {
        var ready = status.Conditions.Find(ConditionTypes.Ready)!;
        return (ready.Status, ready.Reason);
    }
}
