using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Growth.Experts;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Safetensors;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Growth;

/// <summary>How a model folder is grown.</summary>
public sealed record GrownFolderOptions
{
    /// <summary>What rounding stays below by far.</summary>
    public const double UsualTolerance = 1e-5;

    /// <summary>Seed of everything that is new.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Element type of the grown weights; null for the model's own, or float32 where that would round what makes up for a change.</summary>
    public ScalarType? StoredType { get; init; }

    /// <summary>Where the logits are compared; host memory when null.</summary>
    public Device? Device { get; init; }

    /// <summary>The prompts whose logits are compared.</summary>
    public required IReadOnlyList<int[]> Prompts { get; init; }

    /// <summary>Adapter folders to carry over, which appear under <c>adapters/</c> by their names.</summary>
    public IReadOnlyList<string> Adapters { get; init; } = [];

    /// <summary>Largest difference that the logits of the tokens before may show, as a share of the largest, or of one where that is larger.</summary>
    public double Tolerance { get; init; } = UsualTolerance;

    /// <summary>What to write beside the weights about how the model came to be.</summary>
    public JsonNode? Record { get; init; }
}

/// <summary>How far a grown model is from the one it was.</summary>
/// <param name="Name">An adapter's name; null for the bare backbone.</param>
/// <param name="Difference">The largest difference between logits.</param>
/// <param name="LargestLogit">The largest logit, which says what a difference means.</param>
public sealed record GrowthMeasure(string? Name, double Difference, double LargestLogit);

/// <summary>What growing a folder came to.</summary>
/// <param name="StoredType">Element type of the grown weights.</param>
/// <param name="Measures">Of the backbone, then of every adapter, read back from where they were written.</param>
/// <param name="Refused">Why nothing was published; null when the folder is there.</param>
public sealed record GrownFolderReport(ScalarType StoredType, IReadOnlyList<GrowthMeasure> Measures, string? Refused);

/// <summary>
/// Grows a model folder: written aside, read back, compared with the model it comes from, and renamed. A kill at any moment leaves
/// the whole result or none.
/// </summary>
public static class GrownFolder
{
    /// <summary>Name of the file that says how a grown model came to be.</summary>
    public const string RecordFile = "growth.json";

    private static readonly JsonSerializerOptions _indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the grown model.</summary>
    /// <param name="source">The model's folder.</param>
    /// <param name="plan">How it grows.</param>
    /// <param name="target">The folder to write; must not exist.</param>
    /// <param name="options">Seed, types and what is compared.</param>
    /// <exception cref="IOException">The target exists, or the source cannot be read.</exception>
    public static GrownFolderReport Write(string source, GrowthPlan plan, string target, GrownFolderOptions options)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(options);
        var type = options.StoredType ?? TypeFor(plan);
        List<GrowthMeasure> measures = [];
        string? refused = null;
        AtomicFolder.Write(target, aside =>
        {
            WriteModel(source, plan, aside, type, options.Seed);
            measures = Compare(source, plan, aside, options);
            refused = Refusal(measures, options.Tolerance);
            WriteCompanions(source, aside, options.Record);
            return refused is null;
        });
        return new GrownFolderReport(type, measures, refused);
    }

    /// <summary>The type that a grown model is stored in when nobody chooses: its own, unless that would round what has to be exact.</summary>
    public static ScalarType TypeFor(GrowthPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return plan.RoundsNothing || plan.Before.StoredType == ScalarType.Float64 ? plan.Before.StoredType : ScalarType.Float32;
    }

    private static void WriteModel(string source, GrowthPlan plan, string folder, ScalarType type, long seed)
    {
        plan.RequireShape(ModelConfigFile.Read(source));
        using var weights = new FolderWeights(source, type, CPU);
        using var grown = plan.Build(weights, seed);
        ModelFolder.Save(folder, grown, type);
    }

    private static List<GrowthMeasure> Compare(string source, GrowthPlan plan, string folder, GrownFolderOptions options)
    {
        using var before = ModelFolder.Load(source, device: options.Device);
        using var after = ModelFolder.Load(folder, device: options.Device);
        var measures = new List<GrowthMeasure> { Compare(null, before, null, after, null, options.Prompts) };
        foreach (var adapter in options.Adapters)
        {
            var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(adapter)));
            var place = Path.Combine(folder, "adapters", name);
            if (Directory.Exists(place))
            {
                throw new IOException($"Two adapters are named '{name}'; rename the folder of one.");
            }

            using var old = PeftFolder.Load(adapter, before);
            using (var carried = GrownAdapter.Of(plan, old, options.Seed))
            {
                PeftFolder.Save(place, carried);
            }

            using var now = PeftFolder.Load(place, after);
            measures.Add(Compare(name, before, old, after, now, options.Prompts));
        }

        return measures;
    }

    // An Activated adapter acts on the whole prompt here: what it computes is compared, not where.
    private static GrowthMeasure Compare(string? name, CausalLanguageModel before, LoraAdapter? old, CausalLanguageModel after, LoraAdapter? now, IReadOnlyList<int[]> prompts)
    {
        using var _ = no_grad();
        var (difference, largest) = (0.0, 0.0);
        foreach (var prompt in prompts)
        {
            using var scope = NewDisposeScope();
            var ids = tensor(Array.ConvertAll(prompt, id => (long)id), [1, prompt.Length], device: before.Device);
            var expected = before.Logits(ids, Options(old));
            var found = after.Logits(ids, Options(now)).narrow(2, 0, expected.shape[2]);
            difference = Math.Max(difference, (expected - found).abs().max().item<float>());
            largest = Math.Max(largest, expected.abs().max().item<float>());
        }

        return new GrowthMeasure(name, difference, largest);

        static ForwardOptions Options(LoraAdapter? adapter) => new() { Delta = adapter is null ? null : new AdapterDelta(adapter) };
    }

    private static string? Refusal(List<GrowthMeasure> measures, double tolerance) =>
        measures.Find(measure => !(measure.Difference <= tolerance * Math.Max(1, measure.LargestLogit))) is { } off
            ? $"the logits{(off.Name is null ? "" : $" with {off.Name}")} differ by {off.Difference:0.###e+0}, more than {tolerance:0.###e+0} of the largest, {off.LargestLogit:0.##}"
            : null;

    private static void WriteCompanions(string source, string folder, JsonNode? record)
    {
        CompanionFiles.Copy(source, folder);
        if (record is not null)
        {
            AtomicFile.WriteText(Path.Combine(folder, RecordFile), record.ToJsonString(_indented) + "\n");
        }
    }
}
