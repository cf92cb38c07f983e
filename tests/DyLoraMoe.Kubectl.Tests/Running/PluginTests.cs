using System.Text.Json.Nodes;
using DyLoraMoe.ClusterHarness;

namespace DyLoraMoe.Kubectl.Tests.Running;

/// <summary>The built plugin, called by the real kubectl, against a cluster.</summary>
public sealed class PluginTests(LearningCluster cluster) : IClassFixture<LearningCluster>
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_file_of_examples_is_learnt_and_learnt_again_when_it_changes()
    {
        var made = await cluster.KubectlAsync("learn", cluster.Examples("taught"), "--backbone", "tiny", "--wait", "--timeout", "60");

        Assert.True(made.Code == 0, made.All);
        Assert.StartsWith("skill.dylora.dev/taught created: 40 examples, ", made.Output, StringComparison.Ordinal);
        Assert.EndsWith("Serving: Expert taught serves it.\n", made.Output, StringComparison.Ordinal);
        Assert.StartsWith("skill.dylora.dev/taught unchanged", (await cluster.RunAsync("learn", cluster.Examples("taught"), "--backbone", "tiny")).Output, StringComparison.Ordinal);
        var changed = await cluster.RunAsync("learn", cluster.Examples("taught", seed: 1), "--backbone", "tiny", "--wait");
        Assert.True(changed.Code == 0 && changed.Output.StartsWith("skill.dylora.dev/taught configured", StringComparison.Ordinal), changed.All);
        var skill = await cluster.Skills.FindAsync("taught");
        Assert.Equal(2, (int)(await cluster.Experts.FindAsync("taught")).Status("artifact", "version")!);
        Assert.Contains(skill!["metadata"]!["managedFields"]!.AsArray(), entry => (string?)entry!["manager"] == "kubectl-dylora" && (string?)entry["operation"] == "Apply");
    }

    [Fact]
    public async Task A_dry_run_prints_what_would_be_applied_and_needs_no_cluster()
    {
        var path = cluster.Examples("dry");

        var printed = await cluster.RunAsync("learn", path, "--backbone", "tiny", "--dry-run", "-o", "yaml", "--kubeconfig", "/nowhere");
        var asked = await cluster.RunAsync("learn", path, "--backbone", "tiny", "--dry-run=server");

        Assert.True(printed.Code == 0, printed.All);
        Assert.Contains("    inline: |2\n      text\n      dry 0 0\n", printed.Output, StringComparison.Ordinal);
        Assert.Contains("created (server dry run)", asked.Output, StringComparison.Ordinal);
        Assert.Null(await cluster.Skills.FindAsync("dry"));
        await cluster.Kubectl.ApplyAsync(printed.Output.Replace("name: dry", "name: by-hand", StringComparison.Ordinal).Replace("spec:", "spec:\n  suspend: true", StringComparison.Ordinal));
        Assert.NotNull(await cluster.Skills.FindAsync("by-hand"));
    }

    [Fact]
    public async Task What_is_refused_ends_the_wait_with_the_reason_and_its_own_exit_code()
    {
        var invalid = await cluster.RunAsync("learn", cluster.Examples("broken", "invalid"), "--backbone", "tiny", "--wait");
        Assert.Equal(3, invalid.Code);
        Assert.Contains("DataInvalid: ", invalid.Output, StringComparison.Ordinal);
        Assert.Contains("The data say so", invalid.Output, StringComparison.Ordinal);

        var worse = await cluster.RunAsync("learn", cluster.Examples("worse", "regresses reverse"), "--backbone", "tiny", "--wait");
        Assert.Equal(3, worse.Code);
        Assert.Contains("Skill reverse would go from 0.5 to 0.9 nats per token", worse.All, StringComparison.Ordinal);
        await Says("worse", "of expert worse is refused, for Skill reverse would get worse than the budget of 0.01", "Skill reverse would go from 0.5 to 0.9 nats per token; 0.01 more are allowed.", "What to do: ");
        await Says("backbone/tiny", "Version 1 of expert worse is refused");
    }

    [Fact]
    public async Task Status_shows_the_tree_and_the_progress_of_a_training()
    {
        Assert.Equal(4, (await cluster.RunAsync("learn", cluster.Examples("long", "takes 20"), "--backbone", "tiny", "--wait", "--timeout", "0")).Code);
        await cluster.Experts.UntilAsync("long", expert => expert.Status("job") is not null, _patience, "a job");
        await cluster.Kubectl.RunAsync("patch", "expert", "long", "--subresource=status", "--type=merge", "--field-manager=dylora-trainer", "-p", """{"status":{"progress":{"percent":40,"phase":"Seeding","step":40,"steps":100,"loss":"1.25","etaSeconds":65}}}""");

        var tree = await cluster.KubectlAsync("status", "tiny");
        var json = JsonNode.Parse((await cluster.RunAsync("status", "-o", "json")).Output)!;

        Assert.True(tree.Code == 0, tree.All);
        Assert.StartsWith("Backbone tiny  ", tree.Output, StringComparison.Ordinal);
        Assert.Contains("Seeding ████░░░░░░ 40 %  step 40 of 100  loss 1.25  1:05 left", tree.Output, StringComparison.Ordinal);
        Assert.Contains("reverse  Ready  Novel → reverse  100 samples", tree.Output, StringComparison.Ordinal);
        Assert.Matches("long-train-[0-9a-f]+  Train  running", tree.Output);
        Assert.Matches("[0-9a-f]{10}  active", tree.Output);
        Assert.DoesNotContain("\u001b", tree.Output, StringComparison.Ordinal);
        Assert.Equal(["other", "tiny"], json["backbones"]!.AsArray().Select(each => (string)each!["name"]!).Order());
        var unknown = await cluster.RunAsync("status", "huge");
        Assert.Equal(1, unknown.Code);
        Assert.Contains("There is no Backbone huge in the namespace default", unknown.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_watch_goes_on_until_it_is_told_to_end()
    {
        await using var watch = ManagedProcess.Start(Programs.Plugin, ["status", "--watch"], ("KUBECONFIG", cluster.Kubeconfig));
        await watch.LineAsync(line => line.Contains("Backbone other", StringComparison.Ordinal), _patience);

        Assert.Equal(130, await watch.StopAsync());
    }

    [Fact]
    public async Task Why_explains_each_decision_and_what_holds_an_expert_back()
    {
        foreach (var (name, directives) in ((string, string)[])[("covered", "covered-by reverse"), ("extends", "extends reverse"), ("few", "insufficient"), ("young", "immature")])
        {
            await cluster.RunAsync("learn", cluster.Examples(name, directives), "--backbone", "tiny");
        }

        foreach (var name in (string[])["covered", "extends", "few", "young"])
        {
            await cluster.SettledAsync(name);
        }

        await Says("reverse", "Skill reverse of Backbone tiny is ready: Expert reverse serves it.", "Decision Novel: its examples get an expert of their own, reverse.");
        await Says("covered", "Decision Covered: expert reverse knows them already, and nothing is trained.", "look like that skill.", "cosine             p = 0.01     as known  threshold 0.0025", "In the words of the job: Decided by the stub: Covered.");
        await Says("extends", "Decision Extends: expert reverse learns them too.");
        await Says("few", "Skill few of Backbone tiny cannot go on (InsufficientData)", "Decision InsufficientData: there are too few samples", "What to do: Give more examples");
        await Says("expert/young", "Expert young is 40 % mature; samples holds it back", "samples   holds it back");
        await Says("backbone/tiny", "Skill few cannot go on (InsufficientData)");
        Assert.Contains("There is no Skill, LoraExpert, Backbone, Consolidation or Growth nobody", (await cluster.RunAsync("why", "nobody")).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_proxy_of_the_kubeconfig_leads_to_the_API_server_and_to_forwarded_ports()
    {
        const string Unreachable = "https://127.0.0.1:1";
        var server = new Uri((await cluster.Kubectl.RunAsync("config", "view", "--minify", "-o", "jsonpath={.clusters[0].cluster.server}")).Trim());
        await using var proxy = new ConnectProxy(server);
        var kubeconfig = cluster["proxied.kubeconfig"];
        await File.WriteAllTextAsync(kubeconfig, (await File.ReadAllTextAsync(cluster.Kubeconfig)).Replace($"server: {server.GetLeftPart(UriPartial.Authority)}", $"server: {Unreachable}\n    proxy-url: {proxy.Address}", StringComparison.Ordinal));

        var chat = await cluster.RunAsync("chat", "--backbone", "tiny", "-m", "a reverse b", "--kubeconfig", kubeconfig);

        Assert.Equal("b reverse a\n", chat.All.Split('[')[0]);
        Assert.True(proxy.Asked.Count > 1, chat.All);
        Assert.All(proxy.Asked, asked => Assert.Equal("CONNECT 127.0.0.1:1 HTTP/1.1", asked));

        await File.WriteAllTextAsync(kubeconfig, (await File.ReadAllTextAsync(kubeconfig)).Replace("proxy-url: http:", "proxy-url: ftp:", StringComparison.Ordinal));
        Assert.Contains("expected proxy-url of the cluster dylora-sandbox to begin with http://, https:// or socks5://", (await cluster.RunAsync("status", "--kubeconfig", kubeconfig)).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Route_and_chat_ask_the_router_through_a_forwarded_port()
    {
        var route = await cluster.RunAsync("route", "a reverse b", "--backbone", "tiny");
        Assert.True(route.Code == 0, route.All);
        Assert.Matches(@"EXPERT +PROBABILITY +WEIGHT", route.Output);
        Assert.Matches(@"reverse +0\.8750 +1\.0000", route.Output);
        Assert.Contains("11 tokens, sparse routing, entropy 0.2500 of 1, set ", route.Output, StringComparison.Ordinal);
        Assert.Equal(0.31, (double)JsonNode.Parse((await cluster.RunAsync("route", "x", "--backbone", "tiny", "-o", "json")).Output)!["dylora"]!["novelty"]!["p_value"]!);

        var chat = await cluster.KubectlAsync("chat", "--backbone", "tiny", "-m", "a reverse b");
        Assert.Equal(("b reverse a\n", "[reverse 100 %]\n"), (chat.Output, chat.Errors));
        Assert.Equal("two one\n", (await cluster.RunAsync("one two\n", ["chat", "--backbone", "tiny", "--raw"])).Output);
        Assert.Equal("[first 100 %]\n", (await cluster.RunAsync("chat", "--backbone", "other", "--expert", "first", "-m", "x")).Errors);
        Assert.Contains("There are several Backbones in the namespace default (", (await cluster.RunAsync("chat", "-m", "x")).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_backbone_goes_back_to_a_revision_and_follows_again()
    {
        var active = (string)(await cluster.Backbones.FindAsync("other")).Status("activeRevision")!;
        Assert.True((await cluster.RunAsync("learn", cluster.Examples("second"), "--backbone", "other", "--wait")).Code == 0);

        var list = await cluster.RunAsync("rollback", "other", "--list");
        var back = await cluster.RunAsync("rollback", "other", "--wait", "--timeout", "60");

        Assert.Matches($"-> {active[7..17]}  previous .* first v1", list.Output);
        Assert.True(back.Code == 0, back.All);
        Assert.EndsWith($"All pods serve revision {active[7..17]}.\n", back.Output, StringComparison.Ordinal);
        Assert.Equal(active, (string)(await cluster.Backbones.FindAsync("other")).Status("activeRevision")!);
        Assert.Equal("first v1  pinned", (await cluster.RunAsync("rollback", "other", "--list")).Output.Split('\n').Single(line => line.Contains("active", StringComparison.Ordinal))[^16..]);

        var again = await cluster.RunAsync("rollback", "other", "--follow", "--wait", "--timeout", "60");
        Assert.True(again.Code == 0, again.All);
        await cluster.Backbones.UntilAsync("other", item => item.IsReady() && (int)item.Status("experts")! == 2, _patience, "both experts");
        Assert.Equal(1, (await cluster.RunAsync("rollback", "other", "--to", "ffff")).Code);
    }

    [Fact]
    public async Task Shells_and_kubectl_itself_complete_verbs_options_and_names_from_the_cluster()
    {
        var names = await cluster.StartAsync("kubectl", ["__complete", "dylora", "why", "rev"], "", []);
        Assert.True(names.Code == 0, names.All);
        Assert.Equal(["reverse", ":4"], names.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("backbone/other\n", (await cluster.RunAsync("__complete", "why", "")).Output, StringComparison.Ordinal);
        Assert.Equal("tiny\n:4\n", (await cluster.RunAsync("__complete", "chat", "--backbone", "t")).Output);
        Assert.Equal("--backbone\n:4\n", (await cluster.RunAsync("__complete", "learn", "x", "--b")).Output);
        Assert.StartsWith("learn\tTeach a backbone", (await cluster.RunAsync("__complete", "le")).Output, StringComparison.Ordinal);
        Assert.Equal(":0\n", (await cluster.RunAsync("__complete", "learn", "")).Output);
        Assert.Equal(":4\n", (await cluster.RunAsync("__complete", "--kubeconfig", "/nowhere", "status", "")).Output);
        Assert.Contains("default\n", (await cluster.RunAsync("__complete", "status", "-n", "")).Output, StringComparison.Ordinal);
        Assert.Equal("kube-system\n:4\n", (await cluster.RunAsync("__complete", "status", "--namespace", "kube-s")).Output);
        Assert.Equal("default\n:4\n", (await cluster.RunAsync("__complete", "-n", "d")).Output);
        Assert.Equal("dylora-sandbox\n:4\n", (await cluster.RunAsync("__complete", "why", "--context", "")).Output);

        await File.WriteAllTextAsync(cluster["complete.sh"], """
            source <(kubectl-dylora completion bash)
            COMP_WORDS=(kubectl-dylora rollback ot); COMP_CWORD=2
            compopt() { :; }
            _kubectl_dylora
            echo "${COMPREPLY[*]}"
            """, TestContext.Current.CancellationToken);
        Assert.Equal("other\n", (await cluster.StartAsync("bash", [cluster["complete.sh"]], "", [])).Output);
    }

    [Fact]
    public async Task Rights_that_are_missing_are_named_and_the_documented_ones_suffice()
    {
        var looks = await cluster.AccountAsync("looks", """
              - {apiGroups: [dylora.dev], resources: [backbones, skills, loraexperts], verbs: [get, list, watch]}
              - {apiGroups: [""], resources: [pods], verbs: [get, list]}
            """);
        Assert.Contains("Jobs: you have no right to see them", (await cluster.RunAsync("status", "other", "--kubeconfig", looks)).Output, StringComparison.Ordinal);
        Assert.Contains("the verbs get and create of pods/portforward", (await cluster.RunAsync("route", "x", "--backbone", "other", "--kubeconfig", looks)).Errors, StringComparison.Ordinal);
        var learn = await cluster.RunAsync("learn", cluster.Examples("forbidden"), "--backbone", "other", "--kubeconfig", looks);
        Assert.Equal(1, learn.Code);
        Assert.Contains("You have no right to do this: skills.dylora.dev \"forbidden\" is forbidden", learn.Errors, StringComparison.Ordinal);

        var nobody = await cluster.AccountAsync("nobody", """  - {apiGroups: [""], resources: [pods], verbs: [get]}""");
        Assert.Contains("cannot list resource \"skills\"", (await cluster.RunAsync("status", "--kubeconfig", nobody)).Errors, StringComparison.Ordinal);

        var user = await cluster.AccountAsync("user", DocumentedRules());
        foreach (var args in (string[][])[["status", "other"], ["why", "first"], ["route", "x", "--backbone", "other"], ["chat", "-m", "x", "--backbone", "other"], ["rollback", "other", "--list"], ["learn", cluster.Examples("allowed"), "--backbone", "other", "--dry-run=server"], ["rollback", "other", "--follow", "--dry-run"]])
        {
            var outcome = await cluster.RunAsync([.. args, "--kubeconfig", user]);
            Assert.True(outcome.Code == 0 && !outcome.All.Contains("no right", StringComparison.Ordinal), $"{string.Join(' ', args)}: {outcome.All}");
        }
    }

    [Fact]
    public async Task Whoever_has_skills_alone_teaches_waits_and_is_told_what_is_left_out()
    {
        var teacher = await cluster.AccountAsync("teacher", $$"""  - {apiGroups: [dylora.dev], resources: [skills], verbs: [{{TeachersVerbs()}}]}""");

        var taught = await Run("learn", cluster.Examples("lesson"), "--backbone", "tiny", "--wait", "--timeout", "60");
        var status = await Run("status");
        var why = await Run("why", "lesson");

        Assert.EndsWith("Serving: Expert lesson serves it.\n", taught.Output, StringComparison.Ordinal);
        Assert.Contains("lesson  Ready  Novel → lesson  41 samples", status.Output, StringComparison.Ordinal);
        Assert.Contains("Experts: you have no right to see them", status.Output, StringComparison.Ordinal);
        Assert.EndsWith("Backbones: you have no right to see them\n", status.Output, StringComparison.Ordinal);
        Assert.StartsWith("Skill lesson of Backbone tiny is ready: ", why.Output, StringComparison.Ordinal);
        Assert.EndsWith("Left out, since you have no right to see them: backbones, experts, nights, growths, jobs, revisions.\n", why.Output, StringComparison.Ordinal);
        Assert.Contains("unless it is among what you have no right to see: backbones, ", (await cluster.RunAsync("why", "expert/lesson", "--kubeconfig", teacher)).Errors, StringComparison.Ordinal);
        Assert.Contains("lesson\n", (await Run("__complete", "why", "le")).Output, StringComparison.Ordinal);
        var many = await cluster.RunAsync("learn", cluster.Examples("lesson", count: 20_000), "--backbone", "tiny", "--kubeconfig", teacher);
        Assert.Contains("You have no right to do this: configmaps ", many.Errors, StringComparison.Ordinal);
        Assert.NotNull((await cluster.Skills.FindAsync("lesson"))!["spec"]!["data"]!["inline"]);

        async Task<Outcome> Run(params string[] args)
        {
            var outcome = await cluster.RunAsync(args is ["__complete", ..] ? ["__complete", "--kubeconfig", teacher, .. args[1..]] : [.. args, "--kubeconfig", teacher]);
            Assert.True(outcome.Code == 0, outcome.All);
            return outcome;
        }
    }

    [Fact]
    public async Task Whoever_acts_as_somebody_else_has_the_rights_of_that_one_and_no_others()
    {
        await cluster.Kubectl.ApplyAsync($$"""
            apiVersion: rbac.authorization.k8s.io/v1
            kind: Role
            metadata: {name: testers}
            rules:
            {{DocumentedRules()}}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {name: testers}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: testers}
            subjects: [{kind: Group, apiGroup: rbac.authorization.k8s.io, name: testers}]
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: Role
            metadata: {name: readers}
            rules:
              - {apiGroups: [dylora.dev], resources: [backbones], verbs: [get, list]}
              - {apiGroups: [""], resources: [pods], verbs: [get, list]}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {name: readers}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: readers}
            subjects: [{kind: Group, apiGroup: rbac.authorization.k8s.io, name: readers}]
            """);
        var tester = await As("as: ana\n    as-groups: [others, testers]\n    as-user-extra: {scopes: [read, write]}");
        var reader = await As("as: ana\n    as-groups: [readers]");

        Assert.Equal(0, (await cluster.RunAsync("status", "other", "--kubeconfig", tester)).Code);
        var chat = await cluster.RunAsync("chat", "--backbone", "other", "-m", "x", "--kubeconfig", tester);
        Assert.True(chat.Code == 0, chat.All);
        Assert.Contains("User \"ana\" cannot list resource \"skills\"", (await cluster.RunAsync("status", "other", "--kubeconfig", reader)).Errors, StringComparison.Ordinal);
        Assert.Contains("the verbs get and create of pods/portforward", (await cluster.RunAsync("chat", "--backbone", "other", "-m", "x", "--kubeconfig", reader)).Errors, StringComparison.Ordinal);

        async Task<string> As(string user)
        {
            var path = cluster[$"{Guid.NewGuid():N}.kubeconfig"];
            await File.WriteAllTextAsync(path, (await File.ReadAllTextAsync(cluster.Kubeconfig)).Replace("token: ", $"{user}\n    token: ", StringComparison.Ordinal));
            return path;
        }
    }

    [Fact]
    public async Task A_backbone_without_pods_is_told_as_that()
    {
        await cluster.Kubectl.ApplyAsync(Manifests.Backbone("idle", replicas: 0));
        await cluster.Backbones.UntilAsync("idle", item => item.IsReady(), _patience, "Ready");

        var outcome = await cluster.RunAsync("chat", "--backbone", "idle", "-m", "x");

        Assert.Equal(1, outcome.Code);
        Assert.Contains("Backbone idle has no router pod that could answer: there are none. It is ready (ScaledToZero)", outcome.Errors, StringComparison.Ordinal);
        await cluster.Kubectl.RunAsync("delete", "backbone", "idle", "--wait=false");
    }

    [Theory]
    [InlineData("status --kubeconfig /nowhere", 1, "The kubeconfig /nowhere does not exist")]
    [InlineData("status --context nowhere", 1, "The kubeconfig cannot be used: ")]
    [InlineData("status -n elsewhere", 0, "There is no Backbone in the namespace elsewhere")]
    [InlineData("chat -n elsewhere -m x", 1, "There is no Backbone in the namespace elsewhere")]
    [InlineData("learn", 2, "kubectl dylora learn: Required argument 'PATH' missing")]
    [InlineData("teach", 2, "Expected a command, one of learn, status, why, route, chat, rollback, completion, found 'teach'")]
    [InlineData("rollback other --list --follow", 2, "exclude each other")]
    [InlineData("why pod/x", 2, "Expected skill/NAME")]
    [InlineData("learn --bakcbone tiny", 2, "kubectl dylora learn: There is no option --bakcbone. Run 'kubectl dylora learn --help'")]
    [InlineData("status --wacth", 2, "kubectl dylora status: There is no option --wacth")]
    [InlineData("status -x", 2, "There is no option -x")]
    [InlineData("why --verbose", 2, "kubectl dylora why: There is no option --verbose")]
    [InlineData("route --backbnoe tiny", 2, "kubectl dylora route: There is no option --backbnoe")]
    [InlineData("chat --tempreature 0", 2, "kubectl dylora chat: ")]
    [InlineData("rollback --lsit", 2, "kubectl dylora rollback: There is no option --lsit")]
    [InlineData("completion --bash", 2, "kubectl dylora completion: There is no option --bash")]
    [InlineData("status tiny --wacth", 2, "kubectl dylora status: ")]
    [InlineData("learn --bakcbone --help", 0, "Teach a backbone")]
    [InlineData("learn --help", 0, "kubectl dylora learn reverse.jsonl --backbone tiny --wait")]
    public async Task Mistakes_and_help_are_in_words(string args, int code, string said)
    {
        var outcome = await cluster.RunAsync(args.Split(' '));

        Assert.True(outcome.Code == code && outcome.All.Contains(said, StringComparison.Ordinal), $"{outcome.Code}: {outcome.All}");
    }

    [Fact]
    public async Task What_begins_with_a_dash_and_is_no_option_stands_after_two()
    {
        Assert.Equal("There is no Backbone --wacth in the namespace default", (await cluster.RunAsync("--kubeconfig", cluster.Kubeconfig, "status", "--", "--wacth")).Errors.Split(": ")[1].Split(';')[0]);
        var dash = await cluster.RunAsync("a reverse b", ["route", "-", "--backbone", "tiny"]);
        Assert.True(dash.Code == 0, dash.All);
        var after = await cluster.RunAsync("route", "--backbone", "tiny", "--kubeconfig", cluster.Kubeconfig, "--", "-5 + 3 =");
        Assert.True(after.Code == 0, after.All);
        Assert.Equal(2, (await cluster.RunAsync("route", "-5 + 3 =", "--backbone", "tiny")).Code);
    }

    [Fact]
    public async Task Help_calls_the_program_as_people_do() =>
        Assert.Contains("kubectl dylora [command] [options]", (await cluster.KubectlAsync("--help")).Output, StringComparison.Ordinal);

    private static string TeachersVerbs()
    {
        const string Begin = "create role teacher --namespace red --verb=";
        var page = Page("docs/operations/multi-tenancy.md");
        var verbs = page[(page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length)..];
        return verbs[..verbs.IndexOf(" --resource=skills.dylora.dev", StringComparison.Ordinal)];
    }

    private static string Page(string path) => File.ReadAllText(Path.Combine(Testing.SharedFiles.RepositoryRoot, path));

    private static string DocumentedRules()
    {
        var page = Page("docs/reference/kubectl-dylora.md");
        var rules = page[(page.IndexOf("rules:\n", StringComparison.Ordinal) + "rules:\n".Length)..];
        return rules[..rules.IndexOf("```", StringComparison.Ordinal)];
    }

    private async Task Says(string subject, params string[] sentences)
    {
        var outcome = await cluster.RunAsync("why", subject);
        Assert.All(sentences, sentence => Assert.Contains(sentence, outcome.Output, StringComparison.Ordinal));
    }
}
