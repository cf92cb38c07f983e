using System.Text.Json.Nodes;
using DyLoraMoe.CommandLine;
using DyLoraMoe.Core.Generation;
using DyLoraMoe.Core.Novelty;
using DyLoraMoe.Trainer.CommandLine;
using DyLoraMoe.Trainer.Workspaces;
using static TorchSharp.torch;

namespace DyLoraMoe.Trainer.Commands;

/// <summary><c>dylora route</c>.</summary>
internal static class RouteCommand
{
    /// <summary>The verb with its options.</summary>
    public static Verb Create()
    {
        var workspace = new WorkspaceOptions();
        var prompt = OptionOf.Text("--prompt", "TEXT", "The prompt. [default: all of standard input]");
        var answer = OptionOf.Flag("--answer", "Also answer the prompt with the experts it is routed to.");
        var sampling = new SamplingOptions();
        var json = SharedOptions.Json();
        var compute = new ComputeOptions();
        return new Verb("route", "Show which experts a prompt goes to, with what weight, and how new it looks.")
        {
            Details = "Probability is what the gate thinks; weight is what is served, by the set's mode: dense while an expert is immature, sparse once all are mature. "
                + "The p-value says how many of the nearest skill's own prompts look as unusual.",
            Examples = ["dylora route --workspace work --prompt 'Reverse: a b c ->'", @"dylora route --workspace work --prompt 'Reverse: a b c ->' --answer --stop '\n'"],
        }.With([.. workspace.All, prompt, answer, .. sampling.All, json, .. compute.All]).Runs(parsed =>
            WorkspaceVerb.Run(parsed, workspace, compute, (session, stop) =>
            {
                var set = session.Active
                    ?? throw new InvalidDataException("The workspace has no experts yet; 'dylora learn' makes some.");
                var encoded = session.Tokenizer.Encode(parsed.GetValue(prompt) ?? Console.In.ReadToEnd(), parseSpecialTokens: false);

                // A model needs a token to start from; what ends one text begins the next.
                var ids = encoded.Length > 0 ? encoded : [session.Tokenizer.BosId ?? session.Tokenizer.EosId ?? 0];
                using var scope = NewDisposeScope();
                var features = session.Describer.Features([ids], cancellation: stop);
                var (weights, probabilities) = (set.Weights(features)[0], set.Router.Probabilities(features).data<float>().ToArray());
                using var map = NoveltyMap.Of(session.Library);
                using var judge = new PromptNovelty(map, set.Router.Entropy);
                var adapters = set.Bank is { } bank ? new GenerationAdapters(bank, [weights]) : null;
                var reply = parsed.GetValue(answer)
                    ? new TextGenerator(session.Model, session.Tokenizer).Generate([ids], sampling.Of(parsed, session.Workspace.State.Backbone.Path), adapters, cancellationToken: stop)[0].Text
                    : null;
                Print(set, weights, probabilities, judge.Of(features)[0], reply, parsed.GetValue(json));
                return ExitCode.Done;
            }));
    }

    private static void Print(ActiveSet set, float[] weights, float[] probabilities, PromptFigures novelty, string? reply, bool asJson)
    {
        var rows = set.Router.Experts
            .Select((expert, index) => (expert.Name, Probability: probabilities[index + 1], Weight: weights[index]))
            .Append(("(backbone)", Probability: probabilities[0], Weight: 1 - weights.Sum()))
            .OrderByDescending(row => row.Weight).ThenByDescending(row => row.Probability).ToList();
        if (!asJson)
        {
            var table = new Table("expert", "probability", "weight");
            rows.ForEach(row => table.Add(row.Item1, Table.Number(row.Probability, 4), Table.Number(row.Weight, 4)));
            table.WriteTo(Console.Out);
            Console.WriteLine();
        }

        var report = new Report()
            .Add("mode", set.Router.Mode.Kind.ToString().ToLowerInvariant())
            .Add("held_back_by", set.Router.Mode.HeldBackBy)
            .Add("nearest_skill", novelty.Skill)
            .Add("distance", Math.Round(novelty.Distance, 3))
            .Add("p_value", Math.Round(novelty.PValue, 4))
            .Add("entropy", novelty.RouterEntropy is { } entropy ? Math.Round(entropy, 4) : null)
            .Add("set", set.Digest);
        if (reply is not null)
        {
            report.Add("answer", reply);
        }

        if (asJson)
        {
            report.Add("experts", new JsonArray([.. rows.Select(row => (JsonNode?)new JsonObject { ["name"] = row.Item1, ["probability"] = row.Probability, ["weight"] = row.Weight })]));
        }

        report.WriteTo(Console.Out, asJson);
    }
}
