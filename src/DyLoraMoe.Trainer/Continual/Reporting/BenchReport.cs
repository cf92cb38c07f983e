using System.Text;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Safetensors;
using DyLoraMoe.Trainer.Continual.Arms;
using DyLoraMoe.Trainer.Continual.Running;
using DyLoraMoe.Trainer.Continual.Streams;

namespace DyLoraMoe.Trainer.Continual.Reporting;

/// <summary>Writes <c>continual.md</c>, its plots and the raw results.</summary>
internal static class BenchReport
{
    private const string Folder = "continual";

    /// <summary>Writes everything.</summary>
    /// <param name="folder">Where to.</param>
    /// <param name="command">The command line that made it.</param>
    /// <param name="streams">The streams' results with what tuning found; those without a complete run are left out.</param>
    public static void Write(string folder, string command, IReadOnlyList<(BenchResults Results, IReadOnlyList<TuningRecord> Tuning)> streams)
    {
        Directory.CreateDirectory(Path.Combine(folder, Folder));
        var text = new StringBuilder("# Learning one skill after the other\n\n");
        text.Append("Written by `").Append(command).Append("`, which goes on from what is there and can be repeated on any machine: but for seconds, figures differ by what rounding does to a training.\n\n")
            .Append("Every arm learns the same stream of skills from the same budget of tokens per visit, prompts and replay included, at a rate that was tuned for it on held-out data of a run of its own; so is the mode of this system's experts. ")
            .Append("After every visit it is tested on every skill. Figures are means over paired runs, which share order, samples and seeds, ± half of the 95 % confidence interval (Student's t). ")
            .Append("Upper bounds know what no method can know: the true skill of every sample, or all data at once. What arms have not in common is [below](#what-is-not-equal).\n\n");
        foreach (var (results, tuning) in streams)
        {
            text.Append(Section(results, tuning));
            Save(folder, $"{results.Plan.Stream}-accuracy.svg", Plots.Accuracy(results));
            Save(folder, $"{results.Plan.Stream}-forgetting.svg", Plots.Forgetting(results));
            Save(folder, $"{results.Plan.Stream}-final.svg", Plots.Final(results));
            AtomicFile.WriteText(RawFile(folder, results.Plan.Stream), RawResults.Of(results, tuning));
        }

        text.Append(Arms()).Append(Differences([.. streams.Select(stream => stream.Results.Plan)]));
        AtomicFile.WriteText(Path.Combine(folder, $"{Folder}.md"), text.ToString());
    }

    /// <summary>Where a report has everything that was measured on a stream.</summary>
    public static string RawFile(string folder, string stream) => Path.Combine(folder, Folder, $"{stream}.json");

    private static void Save(string folder, string name, string content) => AtomicFile.WriteText(Path.Combine(folder, Folder, name), content);

    private static string Section(BenchResults results, IReadOnlyList<TuningRecord> tuning)
    {
        var (plan, stream) = (results.Plan, results.Plan.Stream);
        var runs = results.Arms.Max(arm => results.Of(arm.Name).Count);
        var skills = results.Of(results.Arms[0].Name)[0].Skills;
        var text = new StringBuilder($"## {(stream == SyntheticStream.Name ? "Synthetic" : "Real")} stream\n\n");
        text.Append($"{runs} paired run{(runs == 1 ? "" : "s")} over {skills.Count} skills ({string.Join(", ", skills.Order(StringComparer.Ordinal))}); {Figure.Count(plan.Options.Tokens)} tokens for a new skill, ")
            .Append($"{Figure.Count(plan.Options.LaterTokens)} for a visit of a known one; {plan.Options.TestSamples} test samples per skill; seed {plan.Seed}. Scores are ")
            .Append(results.IsExactMatch ? "shares of exact greedy answers.\n\n" : "negative nats per answer token on whole samples that fit the context.\n\n")
            .Append(Required(results))
            .Append(Overview(results))
            .Append($"![Mean score over the visits]({Folder}/{stream}-accuracy.svg)\n\n![Forgetting]({Folder}/{stream}-forgetting.svg)\n\n![Scores after the last visit]({Folder}/{stream}-final.svg)\n\n")
            .Append(Routing(results))
            .Append(Novelty(results))
            .Append(Modes(results))
            .Append(Exactness(results))
            .Append(Rates(tuning))
            .Append($"Every score of every stage, run and arm: [{stream}.json]({Folder}/{stream}.json).\n\n");
        return text.ToString();
    }

    private static string Required(BenchResults results)
    {
        var requirements = new Requirements(results).All();
        if (requirements.Count == 0)
        {
            return string.Empty;
        }

        var table = new MarkdownTable("What must hold", "needed", "found", "holds");
        foreach (var each in requirements)
        {
            table.Add(each.What, each.Needed, each.Found, each.Holds switch { true => "yes", false => "**no**", null => "not measured" });
        }

        return table.ToString();
    }

    private static string Overview(BenchResults results)
    {
        var decimals = results.IsExactMatch ? 3 : 4;
        var table = new MarkdownTable("arm", "average score", "backward transfer", "forgetting", "forward transfer", "values beside the backbone", "tokens", "seconds of learning");
        foreach (var arm in results.Arms)
        {
            table.Add(
                arm.IsUpperBound ? $"*{arm.Title}*" : arm.Title,
                Figure.Of(results.Interval(arm.Name, BenchResults.Accuracy), decimals),
                Staged(metrics => metrics.BackwardTransfer),
                Staged(metrics => metrics.Forgetting),
                Staged(metrics => metrics.ForwardTransfer),
                Figure.Count(results.Interval(arm.Name, record => record.Stages[^1].AddedParameters).Mean),
                Figure.Count(results.Interval(arm.Name, record => record.Stages.Sum(stage => stage.Tokens)).Mean),
                Figure.Count(results.Interval(arm.Name, record => record.Stages.Sum(stage => stage.LearnSeconds)).Mean));

            string Staged(Func<ContinualMetrics, double> figure) => Figure.Of(
                results.Interval(arm.Name, record => BenchResults.LearnsInStages(record) ? figure(ContinualMetrics.Of(BenchResults.Matrix(record))) : double.NaN), decimals);
        }

        return $"{table}Upper bounds in italics. Seconds are those of one core, beside other work.\n\n";
    }

    private static string Routing(BenchResults results)
    {
        var table = new MarkdownTable("arm", "experts", "true skills", "prompts of a skill", "routing accuracy after the last skill", "lost on the first skill, points");
        var routed = results.Arms.Where(arm => results.Of(arm.Name).Any(record => record.Stages[^1].Routing is not null)).ToList();
        foreach (var arm in routed)
        {
            table.Add(
                arm.Title,
                string.Join(", ", results.Each(arm.Name, record => record.Stages[^1].Experts).Select(Figure.Count)),
                string.Join(", ", results.Each(arm.Name, record => record.Skills.Count).Select(Figure.Count)),
                Figure.Count(results.Each(arm.Name, record => record.RoutedPrompts ?? results.Plan.Options.TestSamples)[0]),
                Figure.Percent(results.Interval(arm.Name, Requirements.RoutingAtEnd).Mean),
                Figure.Of(100 * results.Interval(arm.Name, Requirements.RoutingLost).Mean, 2));
        }

        return routed.Count == 0 ? string.Empty : $"### Experts and routing\n\nA prompt is routed rightly when its expert was made by a visit of its true skill; experts of each run in turn.\n\n{table}";
    }

    private static string Novelty(BenchResults results)
    {
        var table = new MarkdownTable("arm", "AUROC far", "AUROC near", "far found", "near found", "false alarms, paraphrased", "false alarms, returning", "batches");
        var judging = results.Arms.Where(arm => results.Of(arm.Name).Any(record => record.Novelty is not null)).ToList();
        foreach (var arm in judging)
        {
            table.Add(
                arm.Title,
                Figure.Of(results.Interval(arm.Name, record => BenchResults.NoveltyArea(record, NoveltyKind.Far)), 3),
                Figure.Of(results.Interval(arm.Name, record => BenchResults.NoveltyArea(record, NoveltyKind.Near)), 3),
                Taken(NoveltyKind.Far),
                Taken(NoveltyKind.Near),
                Taken(NoveltyKind.Paraphrase),
                Taken(NoveltyKind.Returning),
                Figure.Count(results.Each(arm.Name, record => record.Novelty?.Count ?? 0).Sum()));

            string Taken(NoveltyKind kind) => Figure.Percent(results.Interval(arm.Name, record => BenchResults.TakenForNovel(record, kind)).Mean);
        }

        return judging.Count == 0 ? string.Empty
            : $"### Novelty\n\nJudged after the last visit on batches of {NoveltyBatch.Size} samples. Far: another format. Near: the inputs of a known skill with another rule{(results.IsExactMatch ? string.Empty : ", here another programming language")}. "
            + $"Neither novel: known skills in words that no visit used, and fresh samples of known skills.\n\n{table}";
    }

    private static string Modes(BenchResults results)
    {
        var (full, activated) = (results.Of(ArmCatalog.Oracle), results.Of(ArmCatalog.OracleActivated));
        if (full.Count == 0 || activated.Count == 0)
        {
            return string.Empty;
        }

        var decimals = results.IsExactMatch ? 3 : 4;
        var table = new MarkdownTable("skill", "Full", "Activated", "difference", "Full, nats", "Activated, nats", "Full, seconds of learning", "Activated, seconds of learning");
        foreach (var skill in full[0].Skills.Order(StringComparer.Ordinal))
        {
            table.Add(
                skill,
                Figure.Of(results.Interval(ArmCatalog.Oracle, Score), decimals),
                Figure.Of(results.Interval(ArmCatalog.OracleActivated, Score), decimals),
                Figure.Of(results.Difference(ArmCatalog.OracleActivated, ArmCatalog.Oracle, Score), decimals),
                Figure.Of(results.Interval(ArmCatalog.Oracle, Nats), 3),
                Figure.Of(results.Interval(ArmCatalog.OracleActivated, Nats), 3),
                Figure.Of(results.Interval(ArmCatalog.Oracle, Seconds).Mean, 1),
                Figure.Of(results.Interval(ArmCatalog.OracleActivated, Seconds).Mean, 1));

            double Nats(ArmRunRecord record) => record.Stages[^1].Scores[skill].Nats;
            double Score(ArmRunRecord record) => record.IsExactMatch ? record.Stages[^1].Scores[skill].Exact!.Value : -Nats(record);
            double Seconds(ArmRunRecord record) => record.Stages.Where(stage => stage.Skill == skill).Sum(stage => stage.LearnSeconds);
        }

        return $"### Activated against Full\n\nOne expert per skill at equal tokens, the task known, after the last visit. An Activated expert shares the backbone's cache of the prompt; a Full one needs a prefill of its own.\n\n{table}";
    }

    private static string Exactness(BenchResults results)
    {
        var skill = results.IsExactMatch ? null : results.Of(results.Arms[0].Name)[0].Stages[^1].Scores.FirstOrDefault(pair => pair.Value.Exact is not null).Key;
        if (skill is null)
        {
            return string.Empty;
        }

        var table = new MarkdownTable("arm", "right results");
        foreach (var arm in results.Arms)
        {
            table.Add(arm.Title, Figure.Percent(results.Interval(arm.Name, record => record.Stages[^1].Scores[skill].Exact ?? double.NaN).Mean));
        }

        return $"### Right results of {skill}\n\nShare of generated solutions that end with the right number, after the last visit. A backbone of this size cannot be expected to solve them.\n\n{table}";
    }

    private static string Rates(IReadOnlyList<TuningRecord> tuning)
    {
        if (tuning.Count == 0)
        {
            return string.Empty;
        }

        var table = new MarkdownTable("arm", "rate", "tried: mean score on held-out data");
        foreach (var record in tuning)
        {
            table.Add(Title(record.Arm), record.Best().ToString(), string.Join(", ", record.Tried.Select(tried => $"{tried.Setting()}: {(tried.Score is { } score ? Figure.Of(score, 3) : "diverged")}")));
        }

        var atEdge = tuning.Where(IsAtEdge).Select(record => Title(record.Arm)).ToList();
        return $"### Rates\n\n{table}" + (atEdge.Count == 0 ? string.Empty
            : $"The best rate is the lowest or the highest that was tried, so that one beyond it might do better, of: {string.Join("; ", atEdge)}.\n\n");
    }

    private static bool IsAtEdge(TuningRecord record)
    {
        var rates = record.Tried.Select(tried => tried.Rate).ToList();
        return record.Best().Rate == rates.Min() || record.Best().Rate == rates.Max();
    }

    private static string Arms() =>
        $"""
        ## The arms

        All adapters start with the same rank and act on every linear layer. All arms use AdamW and start each visit with a fresh optimizer. All but this system have a warm-up of ten steps and then a cosine to a tenth of the rate within each visit.

        {new MarkdownTable("arm", "what it does")
            .Add("do nothing", "the bare backbone")
            .Add("sequential full fine-tuning", "all weights go on training")
            .Add("one LoRA in sequence", "one adapter goes on training")
            .Add("one LoRA, replay", "the same, with a share of every visit's tokens drawn from all earlier visits, each as likely")
            .Add("O-LoRA", "a new adapter per visit, all summed, the new one pushed orthogonal to the earlier ones (λ = 0.5); no router")
            .Add("SEMA-style expandable set", "an autoencoder of features per expert; a new expert and a row of the router when the least mean z-score exceeds 1, frozen afterwards; softmax mixture. One decision for the whole network, where SEMA decides per layer; without expansion nothing is trained, so it may use fewer tokens")
            .Add("random routing", "the experts of the arm with the task known, one drawn for every prompt")
            .Add("one LoRA per task, task known", "upper bound: trains and uses the true skill's adapter")
            .Add("joint training", "upper bound: full fine-tuning on all visits mixed, at the sum of their tokens, tested at the end only")}
        """;

    // What a reader must know to compare the arms, by the rules that they ran under.
    private static string Differences(IReadOnlyList<BenchPlan> plans)
    {
        var text = new StringBuilder("## What is not equal\n\n")
            .Append("- *Schedules.* This system trains as the product does: after the warm-up a constant rate for two fifths of a visit's steps, or until the held-out loss stops to fall, then a cosine from half of the rate to a twentieth; an extension has the cosine alone, after five steps of warm-up. Its experts may grow to four times the rank.\n")
            .Append("- *Choice by held-out data.* This system ends a training with the weights of the step that was best on held-out samples, and decides by them whether an expert starts from another. The other arms choose nothing by them and end with their last weights.\n")
            .Append("- *Data.* This system gets a visit's training and held-out samples as one set, as a user would give it, holds out a fifth of it by content and trains on the rest. The others train on all training samples and on none that is held out. No arm trains on a test sample.\n")
            .Append("- *Tuning.* Two modes are tried for this system at every rate, one for the others.\n")
            .Append("- *Development.* How this system decides was found with these streams and seed 1, and its runs were made again after each change; those of the other arms were not. No other seed was run.\n");
        if (plans.Any(plan => plan.Stream == RealStream.Name))
        {
            text.Append("- *Intervals.* The real stream has the same samples of its skills in all runs, the fresh ones by which false alarms are counted too: those batches are few, and each is judged in every run. Its intervals tell how order and seeds vary, and not how another choice of samples would.\n");
        }

        var before = plans.Where(plan => plan.Rules < BenchPlan.EqualRules).Select(plan => plan.Stream).ToList();
        if (before.Count > 0)
        {
            text.Append($"\nThe {string.Join(" and ", before.Select(stream => $"{stream} stream's"))} figures were made before these were put right in the benchmark, and have not been made again:\n\n")
                .Append("- Tuning judged by all held-out samples, and about four fifths of them were among those that this system had trained on: the rate and mode that it runs at look better there than they are, and its figures there compare with no other arm's. Now tuning judges by samples that no arm gets.\n")
                .Append($"- This system ended a training after the step that spent the budget, the others before it: a batch more, up to {string.Join(" and ", plans.Where(plan => plan.Rules < BenchPlan.EqualRules).Select(OverBudget))}. Now it ends within the budget.\n")
                .Append("- Fewer rates were tried, and some arms have their best at an edge, as said under Rates. Now the grids go further at both ends.\n");
        }

        return text.ToString();
    }

    private static string OverBudget(BenchPlan plan)
    {
        var batch = plan.Settings.Rows * plan.Settings.RowLength;
        return $"{Figure.Count(batch)} of {Figure.Count(plan.Options.Tokens)} tokens ({Figure.Percent((double)batch / plan.Options.Tokens)})";
    }

    private static string Title(string arm) => ArmCatalog.All.FirstOrDefault(each => each.Name == arm)?.Title ?? arm;
}
