using System.CommandLine;
using System.Globalization;
using DyLoraMoe.CommandLine;
using DyLoraMoe.Core.Growth;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Trainer.Growth;

namespace DyLoraMoe.Trainer.CommandLine;

/// <summary>The options that say how a model grows, in place of a plan file. All are sizes afterwards, in an order of their own.</summary>
internal sealed class GrowthOptions
{
    private readonly Option<string?> _plan = OptionOf.Text("--plan", "FILE", "A plan as JSON, in place of the options below.");

    private readonly Option<int[]?> _layers = OptionOf.Parsed<int[]?>(
        "--insert-layers", "AT,...", "Insert a layer after this many of the present ones: 0 for the front; once for every number.", Numbers, "layer numbers with commas between them");

    private readonly Option<int?> _unshare = OptionOf.Whole("--unshare-kv", "TIMES", "Copies of every key/value head, shared out among its queries.", 2, 1 << 12);

    private readonly Option<int?> _heads = OptionOf.Whole("--heads", "N", "Query heads; with keys and values of their own only where every head has them.", 1, 1 << 12);

    private readonly Option<int?> _groups = OptionOf.Whole("--kv-groups", "N", "Key/value heads, each with as many query heads as now.", 1, 1 << 12);

    private readonly Option<int?> _headSize = OptionOf.Whole("--head-size", "N", "Size of a head: a multiple of the present one.", 2, 1 << 16);

    private readonly Option<int?> _hidden = OptionOf.Whole("--hidden", "N", "Width of the residual stream.", 2, 1 << 20);

    private readonly Option<int?> _feedForward = OptionOf.Whole("--feed-forward", "N", "Width of the feed-forward layers.", 1, 1 << 24);

    private readonly Option<int?> _vocabulary = OptionOf.Whole("--vocabulary", "N", "Token ids; the tokenizer stays. Old logits stay too, probabilities only nearly.", 1, 1 << 24);

    private readonly Option<int?> _rank = OptionOf.Whole("--rank", "R", "Rank of the adapters that are carried over.", 1, 4096);

    private readonly Option<GrowthVariant?> _variant = OptionOf.OneOf(
        "--variant",
        "VARIANT",
        "How new weights start: random-readers, or zero-padded, which cannot learn before noise is added. [default: random-readers]",
        ("random-readers", GrowthVariant.RandomReaders),
        ("zero-padded", GrowthVariant.ZeroPadded));

    private readonly Option<int?> _seed = SharedOptions.Seed();

    /// <summary>The options, for <see cref="Verb.With"/>.</summary>
    public Option[] All => [_plan, _layers, _unshare, _heads, _groups, _headSize, _hidden, _feedForward, _vocabulary, _rank, _variant, _seed];

    /// <summary>The plan that was asked for.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="config">The model's shape.</param>
    /// <exception cref="UsageException">It cannot be applied to the model; the message says why.</exception>
    public (GrowthPlan Plan, GrowthPlanFile File) Of(ParseResult parsed, ModelConfig config)
    {
        var asked = Asked(parsed, config);
        if (parsed.GetValue(_plan) is { } path)
        {
            if (asked.Count > 0 || parsed.GetValue(_variant) is not null)
            {
                throw new UsageException("--plan says how the model grows; leave the options for that out.");
            }

            if (!File.Exists(path))
            {
                throw new UsageException($"--plan {path} does not exist; check the path.");
            }

            var file = JsonText.Read<GrowthPlanFile>(path);
            return Checked(file with { Seed = parsed.GetValue(_seed) ?? file.Seed ?? 1 }, config);
        }

        return Checked(new GrowthPlanFile { Seed = parsed.GetValue(_seed) ?? 1, Variant = parsed.GetValue(_variant) ?? GrowthVariant.RandomReaders, Operators = asked }, config);
    }

    private static (GrowthPlan Plan, GrowthPlanFile File) Checked(GrowthPlanFile file, ModelConfig config)
    {
        if (file.Operators is { Count: 0 })
        {
            throw new UsageException("Nothing to grow: name a plan file, or a size.");
        }

        try
        {
            return (GrowthPlan.Of(config, file.ToOperators()), file);
        }
        catch (GrowthRefusedException refusal)
        {
            throw new UsageException($"The model cannot grow like this: {refusal.Message}.");
        }
    }

    private List<PlannedOperator> Asked(ParseResult parsed, ModelConfig config)
    {
        var asked = new List<PlannedOperator>();

        // From the last to the first, so that every number means the model as it is.
        foreach (var at in (parsed.GetValue(_layers) ?? []).OrderDescending())
        {
            asked.Add(new PlannedOperator { Operator = "insert_layers", At = at });
        }

        var (heads, keyValueHeads) = (config.Heads, config.KeyValueHeads);
        if (parsed.GetValue(_unshare) is { } times)
        {
            asked.Add(new PlannedOperator { Operator = "unshare_key_values", Times = times });
            keyValueHeads *= times;
        }

        if (parsed.GetValue(_heads) is { } wanted)
        {
            asked.Add(new PlannedOperator { Operator = "add_heads", Count = wanted - heads });
            keyValueHeads += heads == keyValueHeads ? wanted - heads : 0;
        }

        if (parsed.GetValue(_groups) is { } groups)
        {
            asked.Add(new PlannedOperator { Operator = "add_key_value_groups", Count = groups - keyValueHeads });
        }

        AddSize(asked, "widen_heads", parsed.GetValue(_headSize));
        AddSize(asked, "widen_hidden", parsed.GetValue(_hidden));
        AddSize(asked, "widen_feed_forward", parsed.GetValue(_feedForward));
        AddSize(asked, "extend_vocabulary", parsed.GetValue(_vocabulary));
        AddSize(asked, "raise_rank", parsed.GetValue(_rank));
        return asked;
    }

    private static void AddSize(List<PlannedOperator> asked, string kind, int? to)
    {
        if (to is not null)
        {
            asked.Add(new PlannedOperator { Operator = kind, To = to });
        }
    }

    private static int[]? Numbers(string text)
    {
        var numbers = text.Split(',').Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1).ToArray();
        return Array.TrueForAll(numbers, number => number >= 0) ? numbers : null;
    }
}
