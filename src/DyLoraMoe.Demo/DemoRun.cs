using System.Diagnostics;
using System.Text.Json;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Demo.Cluster;
using DyLoraMoe.Demo.Lessons;
using DyLoraMoe.Demo.Output;
using DyLoraMoe.Demo.Serving;

namespace DyLoraMoe.Demo;

/// <summary>The demonstration from beginning to end.</summary>
internal sealed class DemoRun(DemoOptions options, DemoCluster cluster, Screen screen, TimeProvider time)
{
    private readonly long _begin = time.GetTimestamp();
    private readonly Watcher _watcher = new(cluster, screen, time);
    private readonly List<LessonReport> _reports = [];

    /// <summary>Runs it.</summary>
    /// <exception cref="DemoException">It did not show what it is to show.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        Clean();
        var scenario = options.Data is { } data ? DataScenario.Of(data, options.Folder, options.Short) : TaskScenario.Of(options.Root, options.Short);
        await PretrainAsync(scenario, cancellation);
        await StartAsync(scenario, cancellation);
        using var router = new RouterClient(await cluster.RouterAsync(scenario.Backbone, cancellation), scenario.Backbone, scenario.Stop);
        var examiner = new Examiner(router, scenario, screen);
        foreach (var lesson in scenario.Lessons)
        {
            await TeachAsync(lesson, scenario, examiner, cancellation);
        }

        await AskAsync(scenario, examiner, cancellation);
        await DeleteAsync(scenario, router, cancellation);
        await JudgeAsync(scenario, examiner, cancellation);
        await ChatAsync(scenario, cancellation);
        if (!options.Short)
        {
            WhatNext(scenario, await cluster.RouterAsync(scenario.Backbone, cancellation));
        }
    }

    private void Clean()
    {
        Directory.CreateDirectory(options.Folder);
        if (Directory.Exists(Path.Combine(options.Folder, "cluster")))
        {
            Directory.Delete(Path.Combine(options.Folder, "cluster"), recursive: true);
        }
    }

    private async Task PretrainAsync(Scenario scenario, CancellationToken cancellation)
    {
        if (scenario.Pretraining is not { } pretraining)
        {
            return;
        }

        Title($"A backbone for it: {scenario.Story}");
        if (File.Exists(Path.Combine(pretraining.Folder, "config.json")))
        {
            screen.Line($"  {pretraining.Folder} is there already; remove it to have it made again");
            return;
        }

        screen.Line($"  bin/dylora {string.Join(' ', pretraining.Arguments)}");
        using var program = Process.Start(new ProcessStartInfo(Path.Combine(options.Root, "bin", "dylora"), pretraining.Arguments))!;
        cluster.Watch("pre-training", program);
        await program.WaitForExitAsync(cancellation);
        if (program.ExitCode != 0)
        {
            throw new DemoException($"expected that dylora pretrain makes {pretraining.Folder}; it ended with exit code {program.ExitCode}");
        }
    }

    private async Task StartAsync(Scenario scenario, CancellationToken cancellation)
    {
        Title("A cluster on this machine");
        screen.Line("bin/dylora-sandbox: an API server, controllers and a kubelet, with crds/, a store and the Backbone");
        await cluster.StartSandboxAsync([Path.Combine(options.Root, "crds"), .. scenario.Manifests], cancellation);
        screen.Line("bin/dylora-operator");
        await cluster.StartOperatorAsync(cancellation);
        screen.Line($"Backbone {scenario.Backbone}: {scenario.Story}");
        await _watcher.UntilAsync(all => all.Backbones.Any(backbone => backbone.Status.Conditions.IsTrue(ConditionTypes.Ready)), "the bare backbone to be served", cancellation);
    }

    private async Task TeachAsync(Lesson lesson, Scenario scenario, Examiner examiner, CancellationToken cancellation)
    {
        Title($"Skill {lesson.Skill}: {lesson.Story} ({lesson.Samples.Count} samples)");
        screen.Line($"  {Figures.Short(lesson.Samples[0].Text, 100)}");
        var manifest = SkillManifest.Of(lesson, scenario.Backbone, scenario.Steps);
        await File.WriteAllTextAsync(Path.Combine(options.Folder, $"{lesson.Skill}.jsonl"), SkillManifest.Lines(lesson.Samples), cancellation);
        await File.WriteAllTextAsync(Path.Combine(options.Folder, $"{lesson.Skill}.json"), manifest.ToJsonString(_readable), cancellation);

        var before = await cluster.LookAsync(cancellation);
        var oldData = before.Skill(lesson.Skill)?.Status.Dataset?.Digest;
        var begin = time.GetTimestamp();
        await cluster.ApplySkillAsync(manifest, cancellation);
        var after = await _watcher.UntilAsync(all => IsLearnt(all, lesson.Skill, oldData), $"the skill {lesson.Skill} to be served", cancellation, lesson);
        var duration = time.GetElapsedTime(begin);

        var skill = after.Skill(lesson.Skill)!;
        var expert = after.ExpertOf(skill);
        var score = await examiner.ScoreAsync(lesson, cancellation);
        var report = new LessonReport
        {
            Lesson = lesson,
            Duration = duration,
            Decision = skill.Status.Novelty?.Decision,
            NewExperts = after.Experts.Count - before.Experts.Count,
            Expert = expert?.Metadata.Name,
            Stage = expert?.Status.Stage,
            Version = expert?.Status.Artifact?.Version,
            GainPercent = expert?.Status.Evaluation?.GainPercent,
            Score = score,
        };
        _reports.Add(report);
        screen.Line($"  served after {Figures.Clock(duration)}: {scenario.Marking.Sentence(score)}");
    }

    // New data are there when their digest is another.
    private static bool IsLearnt(Snapshot all, string name, string? oldData) =>
        all.Skill(name) is { } skill && IsReady(skill) && skill.Status.Dataset?.Digest != oldData
        && all.ExpertOf(skill) is { } expert && expert.Status.Conditions.IsTrue(ConditionTypes.Ready)
        && (skill.Status.Novelty?.Decision == NoveltyDecisions.Covered || HasLearnt(expert, skill));

    private static bool HasLearnt(LoraExpert expert, Skill skill) =>
        expert.Status.TrainedOn?.Any(trained => trained.Skill == skill.Metadata.Name && trained.Dataset == skill.Status.Dataset?.Digest) == true;

    private static bool IsReady(Skill skill) => skill.Status.ObservedGeneration == skill.Metadata.Generation && skill.Status.Conditions.IsTrue(ConditionTypes.Ready);

    private async Task AskAsync(Scenario scenario, Examiner examiner, CancellationToken cancellation)
    {
        Title("The router is asked what nobody was taught");
        foreach (var lesson in scenario.Lessons.Where(lesson => lesson.Kind != LessonKind.MoreData))
        {
            await examiner.ShowAsync(lesson, cancellation);
        }
    }

    private async Task DeleteAsync(Scenario scenario, RouterClient router, CancellationToken cancellation)
    {
        if (scenario.Deleted is not { } name)
        {
            return;
        }

        Title($"Skill {name} is deleted; its expert leaves the set, and the rest goes on serving");
        var other = scenario.Lessons.First(lesson => lesson.Skill != name).Questions[0];
        using var finished = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var asking = KeepAskingAsync(router, other, scenario.Tokens, finished.Token);
        try
        {
            await cluster.DeleteSkillAsync(name, cancellation);
            await _watcher.UntilAsync(
                all => all.Skill(name) is null && all.Experts.All(expert => expert.Metadata.Name != name)
                    && all.Backbones.All(backbone => backbone.Status.Conditions.IsTrue(ConditionTypes.Ready)), $"the skill {name} to be gone", cancellation);
        }
        finally
        {
            await finished.CancelAsync();
            await Task.WhenAny(asking);
        }

        var (answered, failed) = await asking;
        screen.Line($"  {answered} requests for other skills were answered meanwhile, {failed} failed");
        if (failed > 0 || answered == 0)
        {
            throw new DemoException($"expected that the router goes on answering while a skill is deleted; {answered} requests were answered and {failed} failed");
        }
    }

    private async Task<(int Answered, int Failed)> KeepAskingAsync(RouterClient router, Sample question, int tokens, CancellationToken cancellation)
    {
        var (answered, failed) = (0, 0);
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await router.AskAsync(router.Routed, question.Prompt, tokens, CancellationToken.None);
                answered++;
            }
            catch (Exception error) when (error is HttpRequestException or OperationCanceledException)
            {
                failed++;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return (answered, failed);
    }

    private async Task JudgeAsync(Scenario scenario, Examiner examiner, CancellationToken cancellation)
    {
        var all = await cluster.LookAsync(cancellation);
        for (var index = 0; index < _reports.Count; index++)
        {
            var report = _reports[index];
            var isDeleted = report.Lesson.Skill == scenario.Deleted;
            var skill = all.Skill(report.Lesson.Skill);
            _reports[index] = report with
            {
                IsDeleted = isDeleted && skill is null,
                IsReady = skill is not null && IsReady(skill),
                Stage = isDeleted ? "Deleted" : all.ExpertOf(skill)?.Status.Stage,
                ScoreAtTheEnd = isDeleted ? null : await examiner.ScoreAsync(report.Lesson, cancellation),
            };
        }

        Title("What came of it");
        foreach (var line in Summary.Lines(_reports))
        {
            screen.Line(line);
        }

        screen.Line();
        var faults = Verdict.Faults(_reports, scenario.Marking.Decides);
        if (faults.Count > 0)
        {
            throw new DemoException($"not everything is as it should be:\n{string.Join('\n', faults.Select(fault => $"  - {fault}"))}");
        }

        screen.Line($"Every skill is served, and no paraphrase made an expert. {Figures.Clock(time.GetElapsedTime(_begin))} minutes.");
    }

    // The line runs here as it stands, so that it does what it says wherever it is typed.
    private async Task ChatAsync(Scenario scenario, CancellationToken cancellation)
    {
        var line = ChatLine.Of(options, cluster.Kubeconfig, scenario, scenario.Lessons[0].Questions[1].Prompt);
        Title(options.Short ? "It is asked by hand" : "The system runs on. Ask it yourself");
        screen.Line($"  {line}");
        foreach (var said in (await line.AskAsync(cancellation)).Split('\n'))
        {
            screen.Line($"  {said}");
        }
    }

    private void WhatNext(Scenario scenario, Uri router)
    {
        var question = scenario.Lessons[0].Questions[1];
        var body = JsonSerializer.Serialize(new { model = scenario.Backbone, prompt = question.Prompt, stop = scenario.Stop, temperature = 0 }, _readable);
        screen.Line();
        screen.Line("Or try");
        screen.Line($"  export KUBECONFIG={cluster.Kubeconfig}");
        screen.Line("  kubectl get backbones,skills,experts");
        screen.Line($"  kubectl describe skill {scenario.Lessons[^1].Skill}");
        screen.Line($"  kubectl apply --server-side --force-conflicts -f {Path.Combine(options.Folder, (scenario.Deleted ?? scenario.Lessons[0].Skill) + ".json")}");
        screen.Line($"  curl -s {router}v1/completions -H 'content-type: application/json' -d '{body}'");
        screen.Line($"  curl -s {router}v1/set");
        screen.Line($"  a browser at {router}");
        screen.Line("  make demo-down");
    }

    private void Title(string text)
    {
        screen.Leave();
        screen.Line();
        screen.Line($"{Figures.Clock(time.GetElapsedTime(_begin))}  {text}");
    }

    private static readonly JsonSerializerOptions _readable = new() { WriteIndented = false, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
