using System.Net;
using DyLoraMoe.Api;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Tests.World;
using k8s.Models;

namespace DyLoraMoe.Operator.Tests.Life;

public sealed class ServingTests
{
    [Fact]
    public async Task Keys_verdicts_logs_and_traces_reach_the_router_and_a_key_only_as_a_file()
    {
        using var world = new OperatorWorld(options: new()
        {
            Collector = OperatorOptions.FromEnvironment(name => name is "OTEL_EXPORTER_OTLP_ENDPOINT" ? "http://otel:4317" : name is "OTEL_EXPORTER_OTLP_HEADERS" ? "secret" : null).Collector,
        });
        world.Apply(spec =>
        {
            spec.Serving.ApiKeysSecretRef = new() { Name = "team-keys", Key = "keys.txt" };
            spec.Serving.Feedback = new() { PersistentVolumeClaim = new() { ClaimName = "verdicts", Path = "tiny" }, MaxMebibytes = 5, RetentionDays = 7 };
            spec.Serving.Memory = new() { PersistentVolumeClaim = new() { ClaimName = "episodes", Path = "tiny" }, RetentionDays = 9 };
            spec.Serving.LogPrompts = true;
        });

        await world.SettleAsync();

        var pod = world.Server.Find<V1Deployment>(OperatorWorld.Namespace, "tiny-router")!.Spec.Template.Spec;
        var container = Assert.Single(pod.Containers);
        var arguments = string.Join(' ', container.Args);
        Assert.Contains("--api-keys /dylora/api-keys/keys.txt", arguments, StringComparison.Ordinal);
        Assert.Contains("--feedback /dylora/feedback --feedback-mib 5 --feedback-days 7", arguments, StringComparison.Ordinal);
        Assert.Contains("--memory /dylora/memory --memory-mib 64 --memory-episodes 4096 --memory-days 9 --memory-shots 3 --memory-tokens 256 --log-prompts", arguments, StringComparison.Ordinal);
        Assert.Equal("team-keys", Assert.Single(pod.Volumes, volume => volume.Name == "api-keys").Secret.SecretName);
        Assert.Equal([("OTEL_EXPORTER_OTLP_ENDPOINT", "http://otel:4317")], container.Env.Where(variable => variable.Name.StartsWith("OTEL_", StringComparison.Ordinal)).Select(variable => (variable.Name, variable.Value)));
    }

    [Fact]
    public async Task Pods_see_their_own_folders_of_a_claim_that_others_use_too_and_write_nowhere_else()
    {
        using var world = new OperatorWorld { JobsEnd = true };
        world.Apply(spec =>
        {
            spec.Store = new() { PersistentVolumeClaim = new() { ClaimName = "artifacts", Path = "teams/tiny/" } };
            spec.Serving.Feedback = new() { PersistentVolumeClaim = new() { ClaimName = "artifacts", Path = "verdicts/tiny" } };
            spec.Serving.Memory = new() { PersistentVolumeClaim = new() { ClaimName = "episodes" } };
        });
        world.Learn("reverse");
        await world.SettleAsync();

        var router = Router(world).Spec.Template.Spec;
        Assert.Equal("/dylora/store teams/tiny read", Mount(router, "store", "--store"));
        Assert.Equal("/dylora/feedback verdicts/tiny write", Mount(router, "feedback", "--feedback"));
        Assert.Equal("/dylora/memory  write", Mount(router, "memory", "--memory"));
        var jobs = world.Server.All<V1Job>();
        Assert.NotEmpty(jobs);
        Assert.All(jobs, job => Assert.Equal("/dylora/store teams/tiny write", Mount(job.Spec.Template.Spec, "store", "--store")));

        static string Mount(V1PodSpec pod, string name, string option)
        {
            var container = Assert.Single(pod.Containers);
            var mount = Assert.Single(container.VolumeMounts, mount => mount.Name == name);
            Assert.Equal(mount.MountPath, container.Args[container.Args.IndexOf(option) + 1]);
            return $"{mount.MountPath} {mount.SubPath} {(mount.ReadOnlyProperty == true ? "read" : "write")}";
        }
    }

    [Theory]
    [InlineData(HttpStatusCode.UnprocessableEntity, "Deployment.apps \"tiny-router\" is invalid: spec.template.spec.affinity: Required value")]
    [InlineData(HttpStatusCode.Forbidden, "admission webhook \"policy.example.com\" denied the request: no affinity here")]
    [InlineData(HttpStatusCode.Forbidden, "deployments.apps \"tiny-router\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no affinity here")]
    public async Task A_router_that_is_refused_is_told_of_in_the_words_of_who_refuses_and_made_once_it_may_be(HttpStatusCode code, string words)
    {
        using var world = new OperatorWorld();
        world.Server.Admission = wanted => wanted is V1Deployment ? new ClusterException(code, words) : null;
        world.Apply();
        await world.SettleAsync();

        Assert.All([ConditionTypes.Ready, ConditionTypes.Accepted], type =>
        {
            var condition = world.Backbone.Status.Conditions.Find(type)!;
            Assert.Equal((ConditionStatus.False, Reasons.ChildRejected), (condition.Status, condition.Reason));
            Assert.Contains(words, condition.Message, StringComparison.Ordinal);
        });

        world.Server.Admission = _ => null;
        world.Apply(spec => spec.Serving.MinReadySeconds = 1);
        await world.SettleAsync();
        Assert.True(world.Backbone.Status.Conditions.IsTrue(ConditionTypes.Ready));
    }

    [Fact]
    public async Task A_right_that_is_missing_is_no_fault_of_the_spec()
    {
        using var world = new OperatorWorld();
        world.Server.Admission = wanted => wanted is V1Deployment ? new ClusterException(HttpStatusCode.Forbidden, "deployments.apps \"tiny-router\" is forbidden: User \"operator\" cannot patch resource") : null;
        world.Apply();
        await world.SettleAsync();

        Assert.Equal("Retrying", world.Backbone.Status.Conditions.Find(ConditionTypes.Ready)!.Reason);
        Assert.True(world.Backbone.Status.Conditions.IsTrue(ConditionTypes.Accepted));
    }

    [Fact]
    public async Task A_Job_that_a_policy_denies_is_told_of_in_its_words()
    {
        using var world = new OperatorWorld();
        const string words = "admission webhook \"policy.example.com\" denied the request: no root";
        world.Server.Admission = wanted => wanted is V1Job ? new ClusterException(HttpStatusCode.Forbidden, words) : null;
        world.Apply();
        await world.SettleAsync();

        var ready = world.Backbone.Status.Conditions.Find(ConditionTypes.Ready)!;
        Assert.Equal((ConditionStatus.False, Reasons.ChildRejected), (ready.Status, ready.Reason));
        Assert.Contains(words, ready.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pods_have_the_labels_and_annotations_that_the_Backbone_gives_them_beside_the_operators_own()
    {
        using var world = new OperatorWorld();
        world.Apply(spec =>
        {
            (spec.Serving.PodLabels, spec.Serving.PodAnnotations) = (new Dictionary<string, string> { ["team"] = "blue" }, new Dictionary<string, string> { ["note"] = "first" });
            (spec.Training.PodLabels, spec.Training.PodAnnotations) = (new Dictionary<string, string> { ["team"] = "red" }, new Dictionary<string, string> { ["note"] = "job" });
        });
        await world.SettleAsync();

        var router = Router(world).Spec.Template.Metadata;
        Assert.Equal(("blue", "router", "tiny"), (router.Labels["team"], router.Labels[Labels.Component], router.Labels[Labels.Backbone]));
        Assert.Equal(("first", world.Backbone.Status.ActiveRevision), (router.Annotations["note"], router.Annotations[Annotations.Revision]));
        Assert.All(world.Server.All<V1Job>(), job =>
        {
            var pod = job.Spec.Template.Metadata;
            Assert.Equal(("red", "job", "job"), (pod.Labels["team"], pod.Labels[Labels.Component], pod.Annotations["note"]));
        });

        world.Apply(spec => spec.Serving.PodAnnotations = new Dictionary<string, string> { ["note"] = "second" });
        await world.SettleAsync();
        Assert.Equal("second", Router(world).Spec.Template.Metadata.Annotations["note"]);
        Assert.DoesNotContain("team", Router(world).Spec.Template.Metadata.Labels.Keys);
    }

    [Fact]
    public async Task Prometheus_finds_routers_unless_the_Backbone_says_otherwise()
    {
        using var world = new OperatorWorld();
        world.Apply();
        await world.SettleAsync();
        Assert.Equal([("prometheus.io/path", "/metrics"), ("prometheus.io/port", "8080"), ("prometheus.io/scrape", "true")], Scraping(world));

        world.Apply(spec => spec.Serving.PodAnnotations = new Dictionary<string, string> { ["prometheus.io/scrape"] = "false" });
        await world.SettleAsync();
        Assert.Contains(("prometheus.io/scrape", "false"), Scraping(world));
    }

    [Fact]
    public async Task Routers_from_before_Prometheus_found_them_are_not_replaced_for_that()
    {
        using var world = new OperatorWorld();
        world.Apply();
        await world.SettleAsync();
        world.Server.Change<V1Deployment>(OperatorWorld.Namespace, "tiny-router", found => found.Spec.Template.Metadata.Annotations = found.Spec.Template.Metadata.Annotations
            .Where(note => !note.Key.StartsWith("prometheus.io/", StringComparison.Ordinal)).ToDictionary(note => note.Key, note => note.Value));

        world.Restart();
        await world.SettleAsync();
        Assert.Empty(Scraping(world));

        world.Learn("reverse");
        await world.SettleAsync();
        Assert.Equal(3, Scraping(world).Count());
    }

    [Fact]
    public async Task What_somebody_edits_is_put_back_and_what_somebody_deletes_is_made_again()
    {
        using var world = new OperatorWorld();
        world.Apply(spec => (spec.Serving.Replicas, spec.Serving.Autoscaling) = (2, new() { MinReplicas = 2, MaxReplicas = 3 }));
        await world.SettleAsync();
        world.Restart();
        await world.SettleAsync();
        var children = Children(world);
        Assert.Equal(8, children.Count);

        world.Server.Change<V1Deployment>(OperatorWorld.Namespace, "tiny-router", found => found.Spec.Template.Spec.Containers[0].Image = "example.com/other");
        world.Server.Change<V1Service>(OperatorWorld.Namespace, "tiny-router", found => found.Spec.Selector["app"] = "other");
        world.Server.Change<V1PodDisruptionBudget>(OperatorWorld.Namespace, "tiny-router", found => found.Metadata.Labels.Remove(Labels.Backbone));
        world.Server.Change<V2HorizontalPodAutoscaler>(OperatorWorld.Namespace, "tiny-router", found => found.Spec.MaxReplicas = 90);
        world.Server.Change<V1Role>(OperatorWorld.Namespace, "tiny-trainer", found => found.Rules[0].Verbs = ["*"]);
        world.Server.Change<V1RoleBinding>(OperatorWorld.Namespace, "tiny-trainer", found => found.Subjects[0].Name = "tiny-router");
        world.Server.Change<V1ServiceAccount>(OperatorWorld.Namespace, "tiny-trainer", found => found.AutomountServiceAccountToken = true);
        await world.SettleAsync(looksAgain: false);
        Assert.Equal(children, Children(world));

        world.Server.Delete<V1PodDisruptionBudget>(OperatorWorld.Namespace, "tiny-router");
        world.Server.Delete<V1Role>(OperatorWorld.Namespace, "tiny-trainer");
        await world.SettleAsync(looksAgain: false);
        Assert.Equal(children, Children(world));
    }

    [Fact]
    public async Task What_was_edited_while_no_operator_ran_is_put_back_by_the_next_one()
    {
        using var world = new OperatorWorld();
        world.Apply();
        await world.SettleAsync();
        var children = Children(world);
        world.Server.Change<V1Deployment>(OperatorWorld.Namespace, "tiny-router", found => found.Spec.Replicas = 0);
        world.Server.Change<V1Role>(OperatorWorld.Namespace, "tiny-trainer", found => found.Rules[0].Verbs = ["*"]);

        world.Restart();
        await world.SettleAsync(looksAgain: false);

        Assert.Equal(children, Children(world));
        Assert.Equal("1/1", world.Backbone.Status.Serving);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_somebody_else_has_under_a_childs_name_is_left_and_told_of(bool hasController)
    {
        using var world = new OperatorWorld();
        world.Server.Create(new V1Service
        {
            Metadata = new()
            {
                Name = "tiny-router",
                NamespaceProperty = OperatorWorld.Namespace,
                Labels = hasController ? Operator.Reconciling.CommonLabels.Of("tiny", "router") : null,
                OwnerReferences = hasController ? [new() { ApiVersion = "example.com/v1", Kind = "Router", Name = "other", Uid = "other", Controller = true }] : null,
            },
            Spec = new() { Selector = new Dictionary<string, string> { ["app"] = "other" } },
        });
        world.Apply();
        await world.SettleAsync();

        Assert.Equal("other", Assert.Single(world.Server.Find<V1Service>(OperatorWorld.Namespace, "tiny-router")!.Spec.Selector).Value);
        var (accepted, ready) = (world.Backbone.Status.Conditions.Find(ConditionTypes.Accepted)!, world.Backbone.Status.Conditions.Find(ConditionTypes.Ready)!);
        Assert.Equal((ConditionStatus.False, Reasons.NameTaken, ConditionStatus.Unknown, Reasons.NameTaken), (accepted.Status, accepted.Reason, ready.Status, ready.Reason));
        Assert.Contains("Service tiny-router", accepted.Message, StringComparison.Ordinal);

        world.Server.Delete<V1Service>(OperatorWorld.Namespace, "tiny-router");
        await world.SettleAsync();
        Assert.True(world.Backbone.Status.Conditions.IsTrue(ConditionTypes.Ready), world.Story());
        Assert.True(world.Backbone.Status.Conditions.IsTrue(ConditionTypes.Accepted));
    }

    [Fact]
    public async Task What_lost_its_owner_and_has_the_operators_labels_is_taken_over()
    {
        using var world = new OperatorWorld();
        world.Apply();
        await world.SettleAsync();
        world.Server.Change<V1Service>(OperatorWorld.Namespace, "tiny-router", found => (found.Metadata.OwnerReferences, found.Spec.Selector) = (null, new Dictionary<string, string>()));

        world.Restart();
        await world.SettleAsync();
        Assert.NotEmpty(world.Server.Find<V1Service>(OperatorWorld.Namespace, "tiny-router")!.Metadata.OwnerReferences);
        Assert.True(world.Backbone.Status.Conditions.IsTrue(ConditionTypes.Ready), world.Story());
    }

    [Theory]
    [InlineData(2, 10, 8)]
    [InlineData(2, 5, 5)]
    [InlineData(9, 20, 9)]
    public async Task An_autoscaler_takes_over_the_pods_that_there_are(int least, int most, int expected)
    {
        using var world = new OperatorWorld();
        world.Apply(spec => spec.Serving.Replicas = 8);
        await world.SettleAsync();

        world.Apply(spec => (spec.Serving.Replicas, spec.Serving.Autoscaling) = (1, new() { MinReplicas = least, MaxReplicas = most }));
        await world.SettleAsync();
        Assert.Equal(expected, Router(world).Spec.Replicas);

        // What it decides later stays, also when the Deployment has to be written again.
        world.Server.Change<V1Deployment>(OperatorWorld.Namespace, "tiny-router", found => found.Spec.Replicas = most);
        world.Learn("reverse");
        await world.SettleAsync();
        Assert.Equal(most, Router(world).Spec.Replicas);
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("memory", true)]
    [InlineData("cpu", false)]
    public async Task An_autoscaler_that_has_no_request_to_go_by_is_told_of_and_taken(string? resource, bool isDoubted)
    {
        using var world = new OperatorWorld();
        world.Apply(spec =>
        {
            spec.Serving.Autoscaling = new() { MaxReplicas = 3 };
            spec.Serving.Resources = resource is null ? null : new() { Requests = new Dictionary<string, ResourceQuantity> { [resource] = new("1") } };
        });
        await world.SettleAsync();

        var accepted = world.Backbone.Status.Conditions.Find(ConditionTypes.Accepted)!;
        Assert.Equal((ConditionStatus.True, Reasons.Valid), (accepted.Status, accepted.Reason));
        Assert.Equal(isDoubted, accepted.Message!.Contains("spec.serving.resources.requests.cpu is left out", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(4096, true)]
    [InlineData(256, false)]
    [InlineData(null, false)]
    public async Task A_context_beyond_the_models_own_is_told_of_and_taken(int? context, bool isDoubted)
    {
        using var world = new OperatorWorld();
        world.Apply(spec => spec.Serving.Limits.MaxContext = context);
        await world.SettleAsync();

        var accepted = world.Backbone.Status.Conditions.Find(ConditionTypes.Accepted)!;
        Assert.Equal((ConditionStatus.True, Reasons.Valid), (accepted.Status, accepted.Reason));
        Assert.Equal(isDoubted, accepted.Message!.EndsWith(" spec.serving.limits.maxContext is 4096, and the model's own context is 256: routers serve 256 tokens.", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(320, null, "15 4 300 300")]
    [InlineData(60, null, "6 10 43 300")]
    [InlineData(900, null, "15 4 880 880")]
    [InlineData(20, null, "2 3 14 300")]
    [InlineData(1, null, "0 0 0 300")]
    [InlineData(320, 3, "3 10 306 306")]
    [InlineData(320, 0, "0 10 309 309")]
    [InlineData(335, 30, "30 4 300 300")]
    [InlineData(20, 18, "18 1 0 300")]
    public async Task Requests_that_run_may_take_the_time_that_a_pod_has_to_end_in(int seconds, int? drain, string expected)
    {
        using var world = new OperatorWorld();
        world.Apply(spec => (spec.Serving.TerminationGracePeriodSeconds, spec.Serving.DrainSeconds) = (seconds, drain));
        await world.SettleAsync();

        var pod = world.Server.Find<V1Deployment>(OperatorWorld.Namespace, "tiny-router")!.Spec.Template.Spec;
        var arguments = Assert.Single(pod.Containers).Args;
        Assert.Equal(seconds, pod.TerminationGracePeriodSeconds);
        Assert.Equal(expected, string.Join(' ', new[] { "--drain-seconds", "--linger-seconds", "--grace-seconds", "--request-seconds" }.Select(option => arguments[arguments.IndexOf(option) + 1])));
    }

    [Theory]
    [InlineData("512Mi", "512")]
    [InlineData("4Gi", "4096")]
    [InlineData("9Ti", "9437184")]
    [InlineData(null, null)]
    public async Task The_routers_cache_is_as_large_as_the_Backbone_says(string? memory, string? expected)
    {
        using var world = new OperatorWorld();
        world.Apply(spec => spec.Serving.Limits.CacheMemory = memory);
        await world.SettleAsync();

        var arguments = Assert.Single(world.Server.Find<V1Deployment>(OperatorWorld.Namespace, "tiny-router")!.Spec.Template.Spec.Containers).Args;
        Assert.Equal(expected, arguments.SkipWhile(argument => argument != "--cache-mib").Skip(1).FirstOrDefault());
    }

    [Fact]
    public async Task A_pod_takes_on_what_the_Backbone_says()
    {
        using var world = new OperatorWorld();
        world.Apply(spec => spec.Serving.Limits = new()
        {
            MaxBatchSize = 32,
            MaxContext = 2048,
            PrefixCacheMemory = "0",
            ExpertMemory = "2Gi",
            ExpertHostMemory = "512Mi",
            MaxQueueSize = 100,
            PrefillChunkTokens = 512,
            MaxBodyKibibytes = 64,
            RequestTimeoutSeconds = 900,
        });
        await world.SettleAsync();

        var arguments = string.Join(' ', Assert.Single(world.Server.Find<V1Deployment>(OperatorWorld.Namespace, "tiny-router")!.Spec.Template.Spec.Containers).Args);
        Assert.Contains("--max-batch 32 --max-context 2048 --prefix-mib 0 --expert-mib 2048 --expert-host-mib 512 --max-queue 100 --prefill-chunk 512 --max-body-kib 64", arguments, StringComparison.Ordinal);
        Assert.Contains("--grace-seconds 300 --request-seconds 900", arguments, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pods_that_may_not_be_are_told_of_in_the_words_of_Kubernetes()
    {
        using var world = new OperatorWorld { PodQuota = 1 };
        world.Apply(spec => spec.Serving.Replicas = 3);
        await world.SettleAsync();

        var found = world.Backbone.Status.Conditions.Find(ConditionTypes.RolledOut)!;
        Assert.Equal((ConditionStatus.Unknown, Reasons.FailedCreate, "exceeded quota: few"), (found.Status, found.Reason, found.Message));
        Assert.Equal(Reasons.FailedCreate, world.Backbone.Status.Conditions.Find(ConditionTypes.Ready)!.Reason);

        world.PodQuota = null;
        await world.SettleAsync();

        Assert.Equal(ConditionStatus.True, world.Backbone.Status.Conditions.Find(ConditionTypes.RolledOut)!.Status);
    }

    private static SortedDictionary<string, string> Children(OperatorWorld world) => new(
        world.Server.Everything
            .Where(each => (string?)each.Json["metadata"]!["name"] is "tiny-router" or "tiny-trainer")
            .ToDictionary(
                each => $"{each.Type.Name} {each.Json["metadata"]!["name"]}",
                each => $"{each.Json["metadata"]!["labels"]!.ToJsonString()} {string.Join(' ', each.Json.Where(part => part.Key is not ("metadata" or "status")).Select(part => part.Value?.ToJsonString()))}"));

    private static V1Deployment Router(OperatorWorld world) => world.Server.Find<V1Deployment>(OperatorWorld.Namespace, "tiny-router")!;

    private static IEnumerable<(string, string)> Scraping(OperatorWorld world) =>
        Router(world).Spec.Template.Metadata.Annotations.Where(note => note.Key.StartsWith("prometheus.io/", StringComparison.Ordinal)).OrderBy(note => note.Key, StringComparer.Ordinal).Select(note => (note.Key, note.Value));
}
