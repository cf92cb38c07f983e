namespace DyLoraMoe.Sandbox.Tests.Running;

/// <summary>The sandbox as a person with kubectl sees it.</summary>
public sealed class KubectlTests(RunningSandbox sandbox) : IClassFixture<RunningSandbox>
{
    [Fact]
    public async Task Applying_twice_changes_nothing_and_a_changed_manifest_only_what_it_says()
    {
        Assert.Contains("configmap/applied created", await sandbox.ApplyAsync(Manifests.ConfigMap("applied", "{a: one, b: two}")), StringComparison.Ordinal);
        Assert.Contains("configmap/applied unchanged", await sandbox.ApplyAsync(Manifests.ConfigMap("applied", "{a: one, b: two}")), StringComparison.Ordinal);
        await sandbox.KubectlAsync("patch", "cm", "applied", "-p", """{"data":{"c":"three"}}""");
        Assert.Contains("configmap/applied configured", await sandbox.ApplyAsync(Manifests.ConfigMap("applied", "{b: zwei}")), StringComparison.Ordinal);
        Assert.Equal("""{"b":"zwei","c":"three"}""", await sandbox.KubectlAsync("get", "cm", "applied", "-o", "jsonpath={.data}"));
    }

    [Fact]
    public async Task Server_side_apply_names_the_owner_of_a_field_in_conflict_and_takes_it_by_force()
    {
        Assert.Contains("serverside-applied", await sandbox.ApplyAsync(Manifests.ConfigMap("owned", "{a: one}"), "--server-side", "--field-manager=first"), StringComparison.Ordinal);
        Outcome refused = await sandbox.TryAsync(Manifests.ConfigMap("owned", "{a: two}"), "apply", "--server-side", "--field-manager=second", "-f", "-");
        Assert.Equal(1, refused.Code);
        Assert.Contains("conflict with \"first\"", refused.Errors, StringComparison.Ordinal);
        Assert.Contains(".data.a", refused.Errors, StringComparison.Ordinal);
        await sandbox.ApplyAsync(Manifests.ConfigMap("owned", "{a: two}"), "--server-side", "--field-manager=second", "--force-conflicts");
        Assert.Equal("two", await sandbox.KubectlAsync("get", "cm", "owned", "-o", "jsonpath={.data.a}"));
    }

    [Fact]
    public async Task A_person_goes_over_from_client_side_to_server_side_apply()
    {
        await sandbox.ApplyAsync(Manifests.ConfigMap("over", "{a: one, b: two}", ", labels: {stays: here, goes: away}"));
        await sandbox.KubectlAsync("patch", "cm", "over", "-p", """{"data":{"c":"three"}}""");
        await sandbox.ApplyAsync(Manifests.ConfigMap("over", "{a: eins, b: two}", ", labels: {stays: here}"), "--server-side");
        const string Shown = "jsonpath={.data} {.metadata.labels}";
        Assert.Equal("""{"a":"eins","b":"two","c":"three"} {"stays":"here"}""", await sandbox.KubectlAsync("get", "cm", "over", "-o", Shown));

        // The annotation was kept true, so that going back works as well.
        await sandbox.ApplyAsync(Manifests.ConfigMap("over", "{a: eins}", ", labels: {stays: here}"));
        Assert.Equal("""{"a":"eins","c":"three"} {"stays":"here"}""", await sandbox.KubectlAsync("get", "cm", "over", "-o", Shown));
    }

    [Fact]
    public async Task A_claim_that_was_there_before_the_default_class_gets_it_when_it_comes()
    {
        // It comes a moment after the API server answers.
        await sandbox.UntilAsync("sandbox", "get", "storageclass", "-o", "jsonpath={.items[*].metadata.name}");
        await sandbox.KubectlAsync("delete", "storageclass", "sandbox");
        await sandbox.ApplyAsync("{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: early}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}}}");
        Assert.Equal("Pending ", await sandbox.KubectlAsync("get", "pvc", "early", "-o", "jsonpath={.status.phase} {.spec.storageClassName}"));

        await sandbox.ApplyAsync("""
            apiVersion: storage.k8s.io/v1
            kind: StorageClass
            metadata: {name: sandbox, annotations: {storageclass.kubernetes.io/is-default-class: "true"}}
            provisioner: sandbox.dylora.dev/folder
            """);
        await sandbox.KubectlAsync("wait", "pvc/early", "--for=jsonpath={.status.phase}=Bound", "--timeout=20s");
        Assert.Equal("sandbox", await sandbox.KubectlAsync("get", "pvc", "early", "-o", "jsonpath={.spec.storageClassName}"));
        Outcome refused = await sandbox.TryAsync(null, "patch", "pvc", "early", "-p", """{"spec":{"storageClassName":"other"}}""");
        Assert.Contains("spec is immutable", refused.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_deployment_rolls_out_scales_rolls_back_and_goes()
    {
        await sandbox.ApplyAsync(Manifests.Deployment("web", 2));
        Assert.Contains("successfully rolled out", await sandbox.KubectlAsync("rollout", "status", "deploy/web", "--timeout=40s"), StringComparison.Ordinal);
        Assert.Matches(@"NAME +READY +UP-TO-DATE +AVAILABLE +AGE +CONTAINERS +IMAGES +SELECTOR\nweb +2/2 +2 +2 +\d+s +main +test:1 +app=web\n", await sandbox.KubectlAsync("get", "deploy", "web", "-o", "wide"));
        Assert.Matches(@"(?m)^web-\S+ +1/1 +Running +0 +\d+s$", await sandbox.KubectlAsync("get", "pods", "-l", "app=web"));
        string description = await sandbox.KubectlAsync("describe", "deploy", "web");
        Assert.Contains("2 desired | 2 updated | 2 total | 2 available | 0 unavailable", description, StringComparison.Ordinal);
        Assert.Contains("ScalingReplicaSet", description, StringComparison.Ordinal);
        Assert.Contains("Started container main", await sandbox.KubectlAsync("describe", "pods", "-l", "app=web"), StringComparison.Ordinal);

        await sandbox.KubectlAsync("patch", "deploy", "web", "-p", """{"spec":{"template":{"spec":{"containers":[{"name":"main","env":[{"name":"A","value":"1"}]}]}}}}""");
        Assert.Equal("""["sleeper"] A""", await sandbox.KubectlAsync("get", "deploy", "web", "-o", "jsonpath={.spec.template.spec.containers[0].command} {.spec.template.spec.containers[0].env[0].name}"));
        await sandbox.KubectlAsync("rollout", "status", "deploy/web", "--timeout=40s");
        Assert.Matches(@"(?m)^2 +<none>$", await sandbox.KubectlAsync("rollout", "history", "deploy/web"));
        await sandbox.KubectlAsync("rollout", "undo", "deploy/web");
        await sandbox.KubectlAsync("rollout", "status", "deploy/web", "--timeout=40s");
        Assert.Equal("", await sandbox.KubectlAsync("get", "deploy", "web", "-o", "jsonpath={.spec.template.spec.containers[0].env}"));

        Outcome refused = await sandbox.TryAsync(null, "scale", "deploy", "web", "--replicas=3", "--current-replicas=7");
        Assert.Contains("Expected replicas to be 7, was 2", refused.Errors, StringComparison.Ordinal);
        await sandbox.KubectlAsync("scale", "deploy", "web", "--replicas=1");
        await sandbox.KubectlAsync("wait", "deploy/web", "--for=jsonpath={.status.replicas}=1", "--timeout=30s");
        await sandbox.KubectlAsync("delete", "deploy", "web", "--cascade=foreground", "--timeout=40s");
        Assert.Equal("", await sandbox.KubectlAsync("get", "rs,pods", "-l", "app=web", "-o", "name"));
    }

    [Fact]
    public async Task A_job_is_followed_to_its_end()
    {
        await sandbox.ApplyAsync(Manifests.Job("count", "[counter, \"8\"]"));

        // As on any cluster, there is no log to follow while the container is made.
        await sandbox.UntilOneOfAsync(["Running", "Succeeded"], "get", "pods", "-l", "job-name=count", "-o", "jsonpath={.items[*].status.phase}");
        string log = await sandbox.KubectlAsync("logs", "-f", "job/count", "--pod-running-timeout=30s");
        Assert.Equal(string.Concat(Enumerable.Range(0, 8).Select(line => $"line {line}\n")), log);
        await sandbox.KubectlAsync("wait", "--for=condition=complete", "job/count", "--timeout=30s");
        Assert.Equal("line 7\n", await sandbox.KubectlAsync("logs", "job/count", "--tail=1"));
        Assert.Matches(@"count +Complete +1/1 ", await sandbox.KubectlAsync("get", "jobs"));
        Assert.Contains("SuccessfulCreate", await sandbox.KubectlAsync("events", "--for", "job/count"), StringComparison.Ordinal);
        Assert.Contains("1 Succeeded / 0 Failed", await sandbox.KubectlAsync("describe", "job", "count"), StringComparison.Ordinal);

        await sandbox.ApplyAsync(Manifests.Job("fails", "[counter, \"1\", \"3\"]"));
        await sandbox.KubectlAsync("wait", "--for=condition=failed", "job/fails", "--timeout=30s");
        Assert.Equal("BackoffLimitExceeded", await sandbox.KubectlAsync("get", "job", "fails", "-o", "jsonpath={.status.conditions[?(@.type=='Failed')].reason}"));
        Assert.Equal("3", await sandbox.KubectlAsync("get", "pods", "-l", "job-name=fails", "-o", "jsonpath={.items[0].status.containerStatuses[0].state.terminated.exitCode}"));
        await sandbox.KubectlAsync("delete", "job", "count", "fails", "--timeout=30s");
        await sandbox.UntilAsync("", "get", "pods", "-l", "job-name in (count,fails)", "-o", "name");
    }

    [Fact]
    public async Task Objects_are_printed_in_every_form()
    {
        await sandbox.ApplyAsync(Manifests.ConfigMap("printed", "{k: v}", ", labels: {shown: \"yes\"}"));
        Assert.Matches(@"^NAME +DATA +AGE\nprinted +1 +\d+s\n$", await sandbox.KubectlAsync("get", "cm", "-l", "shown=yes"));
        Assert.Matches(@"(?m)^metadata:$[\s\S]*^  name: printed$", await sandbox.KubectlAsync("get", "cm", "printed", "-o", "yaml"));
        Assert.Contains("\"kind\": \"ConfigMap\"", await sandbox.KubectlAsync("get", "cm", "printed", "-o", "json"), StringComparison.Ordinal);
        Assert.Equal("configmap/printed\n", await sandbox.KubectlAsync("get", "cm", "-l", "shown", "-o", "name"));
        Assert.Matches(@"^N +K\nprinted +v\n$", await sandbox.KubectlAsync("get", "cm", "printed", "-o", "custom-columns=N:.metadata.name,K:.data.k"));
        Assert.Equal("", await sandbox.KubectlAsync("get", "cm", "-l", "shown notin (yes),shown", "-o", "name"));
        Assert.Equal("configmap/printed\n", await sandbox.KubectlAsync("get", "cm", "-A", "--field-selector", "metadata.name=printed", "-o", "name"));
        Assert.Contains("k:\n----\nv", await sandbox.KubectlAsync("describe", "cm", "printed"), StringComparison.Ordinal);
        await sandbox.UntilAsync("sandbox   Ready", "get", "nodes", "-o", "custom-columns=N:.metadata.name,C:.status.conditions[0].type", "--no-headers");
    }

    [Fact]
    public async Task A_watch_shows_what_is_there_and_what_comes()
    {
        await sandbox.ApplyAsync(Manifests.ConfigMap("watched-1", metadata: ", labels: {watched: w}"));
        Task<Outcome> watch = sandbox.TryAsync(null, "get", "cm", "-w", "-l", "watched=w", "-o", "name", "--request-timeout=4s");
        await Task.Delay(1500);
        await sandbox.ApplyAsync(Manifests.ConfigMap("watched-2", metadata: ", labels: {watched: w}"));
        Assert.Equal("configmap/watched-1\nconfigmap/watched-2\n", (await watch).Output);
    }

    [Fact]
    public async Task Every_kind_of_patch_edits_and_diffs_do_what_they_say()
    {
        await sandbox.ApplyAsync(Manifests.ConfigMap("patched", "{a: one, b: two}"));
        await sandbox.KubectlAsync("patch", "cm", "patched", "--type=merge", "-p", """{"data":{"a":"1","b":null}}""");
        await sandbox.KubectlAsync("patch", "cm", "patched", "--type=json", "-p", """[{"op":"test","path":"/data/a","value":"1"},{"op":"add","path":"/data/z","value":"26"}]""");
        Assert.Equal("""{"a":"1","z":"26"}""", await sandbox.KubectlAsync("get", "cm", "patched", "-o", "jsonpath={.data}"));
        Outcome refused = await sandbox.TryAsync(null, "patch", "cm", "patched", "--type=json", "-p", """[{"op":"test","path":"/data/a","value":"2"}]""");
        Assert.Contains("the server rejected our request due to an error in our request", refused.Errors, StringComparison.Ordinal);

        Outcome edited = await sandbox.TryAsync(null, [("KUBE_EDITOR", "sed -i 's/\"26\"/\"27\"/'")], ["edit", "cm", "patched"]);
        Assert.True(edited.Output == "configmap/patched edited\n", edited.All);
        Assert.Contains("no changes made", (await sandbox.TryAsync(null, [("KUBE_EDITOR", "true")], ["edit", "cm", "patched"])).All, StringComparison.Ordinal);

        string wanted = Manifests.ConfigMap("patched", "{a: \"1\", z: \"28\"}");
        Outcome diff = await sandbox.TryAsync(wanted, "diff", "--server-side", "--force-conflicts", "-f", "-");
        Assert.Equal(1, diff.Code);
        Assert.Contains("-  z: \"27\"\n+  z: \"28\"", diff.Output, StringComparison.Ordinal);
        Assert.Equal("27", await sandbox.KubectlAsync("get", "cm", "patched", "-o", "jsonpath={.data.z}"));
        await sandbox.ApplyAsync(wanted);
        Assert.Equal(0, (await sandbox.TryAsync(wanted, "diff", "-f", "-")).Code);
    }

    [Fact]
    public async Task Deletion_waits_for_finalizers_and_orphans_stay()
    {
        await sandbox.ApplyAsync(Manifests.ConfigMap("held", metadata: ", finalizers: [example.com/hold]"));
        await sandbox.KubectlAsync("delete", "cm", "held", "--wait=false");
        Assert.NotEqual("", await sandbox.KubectlAsync("get", "cm", "held", "-o", "jsonpath={.metadata.deletionTimestamp}"));
        await sandbox.KubectlAsync("patch", "cm", "held", "--type=json", "-p", """[{"op":"remove","path":"/metadata/finalizers"}]""");
        await sandbox.KubectlAsync("wait", "--for=delete", "cm/held", "--timeout=10s");

        await sandbox.ApplyAsync(Manifests.Deployment("orphans"));
        await sandbox.KubectlAsync("rollout", "status", "deploy/orphans", "--timeout=40s");
        await sandbox.KubectlAsync("delete", "deploy", "orphans", "--cascade=orphan");
        await sandbox.UntilAsync("", "get", "rs", "-l", "app=orphans", "-o", "jsonpath={.items[*].metadata.ownerReferences}");
        Assert.NotEqual("", await sandbox.KubectlAsync("get", "pods", "-l", "app=orphans", "-o", "name"));
        await sandbox.KubectlAsync("delete", "rs", "-l", "app=orphans", "--cascade=background");
        await sandbox.UntilAsync("", "get", "pods", "-l", "app=orphans", "-o", "name");
    }

    [Fact]
    public async Task A_namespace_takes_its_contents_with_it()
    {
        await sandbox.KubectlAsync("create", "namespace", "passing");
        await sandbox.KubectlAsync("create", "configmap", "inside", "-n", "passing", "--from-literal=a=b");
        await sandbox.KubectlAsync("delete", "namespace", "passing", "--timeout=30s");
        Assert.Contains("namespaces \"passing\" not found", (await sandbox.TryAsync(Manifests.ConfigMap("late", metadata: ", namespace: passing"), "create", "-f", "-")).Errors, StringComparison.Ordinal);
        Assert.Equal("", await sandbox.KubectlAsync("get", "cm", "-n", "passing", "-o", "name"));
    }

    [Fact]
    public async Task Typed_commands_create_accounts_roles_and_work()
    {
        await sandbox.KubectlAsync("create", "serviceaccount", "reader");
        await sandbox.KubectlAsync("create", "role", "reads", "--verb=get,list", "--resource=pods");
        await sandbox.KubectlAsync("create", "rolebinding", "reader-reads", "--role=reads", "--serviceaccount=default:reader");
        const string As = "--as=system:serviceaccount:default:reader";
        Assert.Equal("yes\n", await sandbox.KubectlAsync("auth", "can-i", "get", "pods", As));
        Assert.Equal("no\n", (await sandbox.TryAsync(null, "auth", "can-i", "get", "secrets", As)).Output);
        Assert.Contains("cannot list resource \"secrets\" in API group \"\" in the namespace \"default\"", (await sandbox.TryAsync(null, "get", "secrets", As)).Errors, StringComparison.Ordinal);
        Assert.Contains("kubernetes-admin", await sandbox.KubectlAsync("auth", "whoami"), StringComparison.Ordinal);
        string token = (await sandbox.KubectlAsync("create", "token", "reader")).Trim();
        Assert.Equal(3, token.Split('.').Length);

        await sandbox.KubectlAsync("create", "secret", "generic", "hidden", "--from-literal=key=value");
        Assert.Equal("dmFsdWU=", await sandbox.KubectlAsync("get", "secret", "hidden", "-o", "jsonpath={.data.key}"));
        await sandbox.KubectlAsync("create", "job", "typed", "--image=test:1", "--", "counter", "1");
        await sandbox.KubectlAsync("wait", "--for=condition=complete", "job/typed", "--timeout=30s");
        await sandbox.KubectlAsync("create", "deployment", "typed", "--image=test:1", "--replicas=0");
        Assert.Equal("0 typed", await sandbox.KubectlAsync("get", "deploy", "typed", "-o", "jsonpath={.spec.replicas} {.spec.selector.matchLabels.app}"));
        await sandbox.KubectlAsync("run", "single", "--image=test:1", "--restart=Never", "--command", "--", "counter", "1");
        await sandbox.KubectlAsync("wait", "--for=jsonpath={.status.phase}=Succeeded", "pod/single", "--timeout=30s");
    }

    [Fact]
    public async Task The_roles_for_people_gather_what_other_roles_add_to_them()
    {
        await sandbox.ApplyAsync(Manifests.Widgets);
        await sandbox.KubectlAsync("wait", "--for=condition=Established", "crd/widgets.example.com", "--timeout=10s");
        await sandbox.KubectlAsync("create", "rolebinding", "alice-views", "--clusterrole=view", "--user=alice");
        await sandbox.KubectlAsync("create", "rolebinding", "bob-edits", "--clusterrole=edit", "--user=bob");
        await sandbox.ApplyAsync("""
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRole
            metadata: {name: widget-view, labels: {rbac.authorization.k8s.io/aggregate-to-view: "true"}}
            rules: [{apiGroups: [example.com], resources: [widgets], verbs: [get, list, watch]}]
            """);

        foreach ((string question, string answer) in ((string, string)[])
        [
            ("list widgets.example.com --as alice", "yes"), ("list pods --as alice", "yes"), ("get secrets --as alice", "no"), ("create pods --as alice", "no"),
            ("list widgets.example.com --as bob", "yes"), ("get secrets --as bob", "yes"), ("update pods --as bob", "yes"), ("update pods --subresource=status --as bob", "no"),
        ])
        {
            await sandbox.UntilAsync(answer, ["auth", "can-i", .. question.Split(' ')]);
        }

        await sandbox.KubectlAsync("delete", "clusterrole", "widget-view");
        await sandbox.UntilAsync("no", "auth", "can-i", "list", "widgets.example.com", "--as", "alice");
    }

    [Fact]
    public async Task What_is_served_can_be_asked_for()
    {
        await sandbox.ApplyAsync(Manifests.Widgets);
        await sandbox.KubectlAsync("wait", "--for=condition=Established", "crd/widgets.example.com", "--timeout=10s");
        string resources = await sandbox.KubectlAsync("api-resources");
        Assert.Matches(@"(?m)^deployments +deploy +apps/v1 +true +Deployment$", resources);
        Assert.Matches(@"(?m)^widgets +wd +example.com/v1 +true +Widget$", resources);
        Assert.Contains("batch/v1\n", await sandbox.KubectlAsync("api-versions"), StringComparison.Ordinal);
        Assert.Contains("How big it is.", await sandbox.KubectlAsync("explain", "widget.spec"), StringComparison.Ordinal);
        Assert.Matches(@"(?m)^ +color\t<string>$", await sandbox.KubectlAsync("explain", "widget", "--recursive"));
        Assert.Contains("rollingUpdate\t<RollingUpdateDeployment>", await sandbox.KubectlAsync("explain", "deployment.spec.strategy"), StringComparison.Ordinal);
        Assert.Contains("maxSurge", await sandbox.KubectlAsync("explain", "deployment", "--recursive"), StringComparison.Ordinal);
        Assert.Contains("dylora-sandbox", await sandbox.KubectlAsync("version"), StringComparison.Ordinal);

        await sandbox.ApplyAsync("{apiVersion: example.com/v1, kind: Widget, metadata: {name: w}, spec: {size: 3, name: a, anything: {x: [1, {in: z}]}}}");
        Assert.Matches(@"^NAME +SIZE\nw +3\n$", await sandbox.KubectlAsync("get", "wd"));
        Assert.Equal("""red {"x":[1,{"in":"z"}]}""", await sandbox.KubectlAsync("get", "wd", "w", "-o", "jsonpath={.spec.color} {.spec.anything}"));
        await sandbox.KubectlAsync("scale", "widget", "w", "--replicas=4");
        await sandbox.KubectlAsync("patch", "widget", "w", "--subresource=status", "--type=merge", "-p", """{"status":{"size":4},"spec":{"size":9}}""");
        Assert.Equal("4 4 2", await sandbox.KubectlAsync("get", "wd", "w", "-o", "jsonpath={.spec.size} {.status.size} {.metadata.generation}"));
        Assert.Contains("the name stays", (await sandbox.TryAsync(null, "patch", "wd", "w", "--type=merge", "-p", """{"spec":{"name":"b"}}""")).Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a: [b", "error parsing STDIN")]
    [InlineData("{apiVersion: v1, kind: Nope, metadata: {name: a}}", "no matches for kind \"Nope\" in version \"v1\"")]
    [InlineData("{apiVersion: v1, kind: ConfigMap, metadata: {name: A_b}}", "a lowercase RFC 1123 subdomain")]
    [InlineData("{apiVersion: v1, kind: ConfigMap, metadata: {name: ab}, dta: {}}", "unknown field \"dta\"")]
    [InlineData("{apiVersion: v1, kind: ConfigMap, metadata: {name: ab}, data: {a: 1}}", "cannot unmarshal number into Go struct field ConfigMap.data of type string")]
    [InlineData("{apiVersion: v1, kind: ConfigMap, metadata: {name: ab, namespace: nowhere}}", "namespaces \"nowhere\" not found")]
    [InlineData("{apiVersion: apps/v1, kind: Deployment, metadata: {name: ab}, spec: {}}", "spec.selector: Required value")]
    [InlineData("{apiVersion: batch/v1, kind: Job, metadata: {name: ab}, spec: {template: {spec: {containers: [{name: a, image: b}]}}}}", "spec.template.spec.restartPolicy")]
    public async Task A_wrong_manifest_is_refused_with_the_reason(string manifest, string reason)
    {
        Outcome outcome = await sandbox.TryAsync("---\n" + manifest, "apply", "-f", "-");
        Assert.Equal(1, outcome.Code);
        Assert.Contains(reason, outcome.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Requests_that_cannot_be_done_say_why()
    {
        await sandbox.ApplyAsync(Manifests.Deployment("fixed", 0));
        await sandbox.ApplyAsync(Manifests.ConfigMap("stale"));
        Dictionary<string, string[]> refusals = new(StringComparer.Ordinal)
        {
            ["the server doesn't have a resource type \"foos\""] = ["get", "foos"],
            ["pods \"nope\" not found"] = ["get", "pod", "nope"],
            ["field is immutable"] = ["patch", "deploy", "fixed", "-p", """{"spec":{"selector":{"matchLabels":{"x":"y"}},"template":{"metadata":{"labels":{"x":"y"}}}}}"""],
            ["spec.replicas"] = ["patch", "deploy", "fixed", "-p", """{"spec":{"replicas":-1}}"""],
            ["field label not supported: spec.foo"] = ["get", "pods", "--field-selector", "spec.foo=1"],
            ["unable to parse requirement"] = ["get", "pods", "-l", "a in (b"],
            ["the object has been modified"] = ["replace", "-f", "-"],
            ["already exists"] = ["create", "configmap", "stale"],
        };
        foreach ((string reason, string[] args) in refusals)
        {
            Outcome outcome = await sandbox.TryAsync(Manifests.ConfigMap("stale", metadata: ", resourceVersion: \"1\""), args);
            Assert.True(outcome.Code == 1 && outcome.Errors.Contains(reason, StringComparison.Ordinal), $"kubectl {string.Join(' ', args)} ended with {outcome.Code}: {outcome.All}");
        }

        Outcome late = await sandbox.TryAsync(null, "wait", "--for=condition=complete", "job/none", "--timeout=1s");
        Assert.Contains("not found", late.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_controller_cannot_make_it_tells_in_events_and_conditions()
    {
        // The name of a set is that of its deployment and eleven letters, the name of an account is nobody's.
        string name = new('a', 250);
        await sandbox.ApplyAsync(Manifests.Deployment(name, 1).Replace($"app: {name}", "app: long", StringComparison.Ordinal));
        await sandbox.KubectlAsync("wait", "deploy", name, "--for=condition=Progressing=False", "--timeout=30s");
        Assert.Equal("ReplicaSetCreateError", await sandbox.KubectlAsync("get", "deploy", name, "-o", "jsonpath={.status.conditions[?(@.type=='Progressing')].reason}"));
        Assert.Contains($"Failed to create new replica set \"{name}-", await sandbox.KubectlAsync("events", "--for", "deploy/" + name), StringComparison.Ordinal);

        await sandbox.ApplyAsync(Manifests.Deployment("lonely", 1).Replace("terminationGracePeriodSeconds", "serviceAccountName: nobody\n      terminationGracePeriodSeconds", StringComparison.Ordinal));
        await sandbox.KubectlAsync("wait", "deploy", "lonely", "--for=condition=ReplicaFailure", "--timeout=30s");
        const string Why = "error looking up service account default/nobody: serviceaccount \"nobody\" not found";
        Assert.Contains(Why, await sandbox.KubectlAsync("get", "rs", "-l", "app=lonely", "-o", "jsonpath={.items[0].status.conditions[?(@.reason=='FailedCreate')].message}"), StringComparison.Ordinal);
        Assert.Matches("FailedCreate +ReplicaSet/lonely-[a-z0-9]+ +Error creating: pods \"lonely-[a-z0-9]+-\" is forbidden: " + Why, await sandbox.KubectlAsync("events"));
        await sandbox.KubectlAsync("delete", "deploy", "lonely", name);
    }

    [Fact]
    public async Task A_drained_node_takes_no_pods_until_it_is_uncordoned_and_costs_a_job_that_allows_for_it_no_try()
    {
        await sandbox.ApplyAsync(Manifests.Deployment("moved"));
        await sandbox.ApplyAsync(Manifests.Job("drained", $"[once, \"{sandbox["drained"]}\"]", podFailurePolicy: "{rules: [{action: Ignore, onPodConditions: [{type: DisruptionTarget}]}]}"));
        await sandbox.KubectlAsync("rollout", "status", "deploy/moved", "--timeout=40s");
        await sandbox.KubectlAsync("wait", "--for=jsonpath={.status.ready}=1", "job/drained", "--timeout=40s");
        Assert.Contains("evicting pod default/moved-", (await sandbox.TryAsync(null, "drain", "sandbox", "--force", "--timeout=30s")).All, StringComparison.Ordinal);
        await sandbox.UntilAsync("Pending", "get", "pods", "-l", "app=moved", "-o", "jsonpath={.items[*].status.phase}");
        await sandbox.KubectlAsync("uncordon", "sandbox");
        await sandbox.UntilAsync("Running", "get", "pods", "-l", "app=moved", "-o", "jsonpath={.items[*].status.phase}");
        await sandbox.KubectlAsync("wait", "--for=condition=complete", "job/drained", "--timeout=40s");
        Assert.Equal("", await sandbox.KubectlAsync("get", "job", "drained", "-o", "jsonpath={.status.failed}"));
    }
}
