using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json;
using DyLoraMoe.Core.Safetensors;
using DyLoraMoe.Core.Training;

namespace DyLoraMoe.Core.Lifecycle;

/// <summary>Trains one setting and scores it.</summary>
/// <param name="setting">The setting.</param>
/// <param name="data">What to train on and what to score on.</param>
/// <param name="budget">Tokens that the setting may have been trained on in all once this returns.</param>
/// <param name="folder">A folder of the setting's own, the same on every rung and after a kill: for checkpoints.</param>
/// <param name="cancellation">Asks to stop; the evaluation then throws.</param>
/// <returns>Validation loss, lower is better; not finite, or a <see cref="TrainingDivergedException"/>, when training diverged.</returns>
public delegate double SearchEvaluation(SearchSetting setting, TuningData data, long budget, string folder, CancellationToken cancellation);

/// <summary>Budgets of a search.</summary>
public sealed record SearchOptions
{
    /// <summary>Tokens of every setting on the first rung. The default is a hundred steps of 8 rows of 128 positions.</summary>
    [Range(1L, long.MaxValue / 4)]
    public long FirstBudget { get; init; } = 102_400;

    /// <summary>By how much the budget grows and the field shrinks from rung to rung; 3 wastes least in theory, 2 forgives more noise.</summary>
    [Range(2, 16)]
    public int Eta { get; init; } = 3;

    /// <summary>Most rungs; null goes on until one setting is left.</summary>
    [Range(1, 64)]
    public int? Rungs { get; init; }

    /// <summary>Whether the evaluation trains on from the rung before, so that a rung costs only what it adds; else each rung starts afresh.</summary>
    public bool TrainsOn { get; init; } = true;
}

/// <summary>
/// Successive halving (<see href="https://arxiv.org/abs/1502.07943">Jamieson and Talwalkar</see>): every setting gets a small budget
/// of tokens, the better 1/η of them η times that, and so on until one is left. Deterministic; every score is on disk before the
/// next evaluation begins, so a killed search goes on where it was.
/// </summary>
/// <param name="grid">The settings, such as from <see cref="SearchGrid"/>.</param>
/// <param name="data">Training and validation samples; a search has no way to test data.</param>
/// <param name="options">Budgets.</param>
/// <param name="folder">Where scores and the settings' own folders are kept; belongs to this search alone.</param>
/// <param name="recipe">Names everything else that a score depends on; scores of another recipe are not taken.</param>
public sealed class HyperparameterSearch(IReadOnlyList<SearchSetting> grid, TuningData data, SearchOptions options, string folder, string recipe = "")
{
    private const string StateFile = "search.json";

    /// <summary>Runs the search, or what is left of it.</summary>
    /// <param name="evaluate">Trains and scores one setting.</param>
    /// <param name="progress">Told of every row once it is known, whether it survives left open.</param>
    /// <param name="cancellation">Stops between evaluations, and is handed to them.</param>
    /// <exception cref="InvalidDataException">The folder holds another search.</exception>
    public SearchReport Run(SearchEvaluation evaluate, IProgress<SearchRow>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(evaluate);
        Validate();
        Directory.CreateDirectory(folder);
        var state = Load();
        var rows = new List<SearchRow>();
        var (field, budget, before) = (grid, options.FirstBudget, 0L);
        for (var rung = 0; ; rung++)
        {
            var tried = new List<SearchRow>();
            foreach (var setting in field)
            {
                var score = Score(state, setting, rung, budget, evaluate, cancellation);
                var row = new SearchRow(setting, rung, budget, options.TrainsOn ? budget - before : budget, score, Survived: false);
                progress?.Report(row);
                tried.Add(row);
            }

            var isLast = field.Count == 1 || rung + 1 == options.Rungs;
            var kept = tried.Where(row => row.Score is not null).OrderBy(row => row.Score).ThenBy(row => row.Setting.Index)
                .Take(isLast ? 1 : Math.Max(1, field.Count / options.Eta)).Select(row => row.Setting.Index).ToHashSet();
            rows.AddRange(tried.Select(row => row with { Survived = kept.Contains(row.Setting.Index) }));
            field = [.. field.Where(setting => kept.Contains(setting.Index))];
            if (isLast || field.Count == 0)
            {
                var best = rows.Where(row => row.Rung == rung).SingleOrDefault(row => row.Survived);
                return new SearchReport(rows, best?.Setting, best?.Score, rows.Sum(row => row.Tokens));
            }

            (before, budget) = (budget, checked(budget * options.Eta));
        }
    }

    private double? Score(State state, SearchSetting setting, int rung, long budget, SearchEvaluation evaluate, CancellationToken cancellation)
    {
        var key = string.Create(CultureInfo.InvariantCulture, $"{rung}/{setting.Index}");
        if (state.Scores.TryGetValue(key, out var known))
        {
            return known;
        }

        cancellation.ThrowIfCancellationRequested();
        var own = Path.Combine(folder, "setting-" + setting.Index.ToString("D4", CultureInfo.InvariantCulture));
        Directory.CreateDirectory(own);
        double? score;
        try
        {
            score = evaluate(setting, data, budget, own, cancellation) is var loss && double.IsFinite(loss) ? loss : null;
        }
        catch (TrainingDivergedException)
        {
            score = null;
        }

        state.Scores[key] = score;
        AtomicFile.WriteText(Path.Combine(folder, StateFile), JsonSerializer.Serialize(state));
        return score;
    }

    private State Load()
    {
        var identity = Identity();
        var path = Path.Combine(folder, StateFile);
        if (!File.Exists(path))
        {
            return new State(identity, []);
        }

        State? saved;
        try
        {
            saved = JsonSerializer.Deserialize<State>(File.ReadAllText(path));
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{path} is damaged ({error.Message}); remove it to start the search afresh.", error);
        }

        return saved?.Identity == identity
            ? saved
            : throw new InvalidDataException($"{path} is of another search: its grid, budgets, data or recipe were '{saved?.Identity}', now '{identity}'. Go on with those, or name another folder.");
    }

    private string Identity() => string.Create(
        CultureInfo.InvariantCulture,
        $"first {options.FirstBudget}, eta {options.Eta}, rungs {options.Rungs}, trains on {options.TrainsOn}, data {data.Digest}, grid {string.Join("; ", grid)}{(recipe.Length == 0 ? "" : $", recipe {recipe}")}");

    private void Validate()
    {
        Validator.ValidateObject(options, new ValidationContext(options), validateAllProperties: true);
        if (grid.Count == 0 || grid.Select(setting => setting.Index).Distinct().Count() != grid.Count)
        {
            throw new ArgumentException($"A search needs settings with different places in the grid, found {grid.Count}.");
        }
    }

    private sealed record State(string Identity, SortedDictionary<string, double?> Scores);
}
