using System.Text.RegularExpressions;
using DyLoraMoe.Core.Models;

namespace DyLoraMoe.Core.Adapters;

/// <summary>Finds the layers an adapter acts on by looking at the model, with PEFT's rules for names and patterns.</summary>
public static class TargetSelection
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(1);

    /// <summary>The paths of the layers that <paramref name="config"/> means in <paramref name="model"/>, in the model's order.</summary>
    /// <param name="model">The backbone.</param>
    /// <param name="config">Names, patterns and layer numbers.</param>
    /// <exception cref="ModelFormatException">A name matches nothing; the message lists what there is.</exception>
    public static IReadOnlyList<string> Find(CausalLanguageModel model, LoraConfig config)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(config);
        if (config.TargetModules.FirstOrDefault(name => name != CausalLanguageModel.HeadPath && !IsKnown(model, name)) is { } name)
        {
            throw new ModelFormatException($"target module '{name}' is not a linear layer of the model; it has {string.Join(", ", Names(model))}");
        }

        return FindKnown(model, config);
    }

    /// <summary>The same for an adapter that others made: as PEFT does, it leaves a name alone that matches nothing while others match.</summary>
    /// <param name="model">The backbone.</param>
    /// <param name="config">Names, patterns and layer numbers.</param>
    /// <exception cref="ModelFormatException">Nothing matches; the message lists what there is.</exception>
    internal static IReadOnlyList<string> FindKnown(CausalLanguageModel model, LoraConfig config)
    {
        RefuseTiedHead(model, config);
        var found = model.Projections.Keys.Where(path => IsTarget(path, config)).ToList();
        return found.Count > 0
            ? found
            : throw new ModelFormatException($"target_modules ({config.TargetPattern ?? string.Join(", ", config.TargetModules)}) match no layer of the model; it has {string.Join(", ", Names(model))}");
    }

    /// <summary>Whether a name is that of a linear layer.</summary>
    internal static bool IsKnown(CausalLanguageModel model, string name) => model.Projections.Keys.Any(path => IsNamed(path, name));

    /// <summary>The last path parts of a model's linear layers, such as <c>q_proj</c>.</summary>
    /// <param name="model">The backbone.</param>
    public static IReadOnlyList<string> Names(CausalLanguageModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return [.. model.Projections.Keys.Select(LastPart).Distinct(StringComparer.Ordinal)];
    }

    internal static T Lookup<T>(IReadOnlyDictionary<string, T> patterns, string path, T otherwise)
    {
        foreach (var (pattern, value) in patterns)
        {
            if (Matches($@"^(.*\.)?({pattern})$", path))
            {
                return value;
            }
        }

        return otherwise;
    }

    /// <summary>Whether a pattern matches a whole path, as Python's <c>re.fullmatch</c> does.</summary>
    internal static bool MatchesWhole(string pattern, string path) => Matches($"^(?:{pattern})$", path);

    private static bool IsTarget(string path, LoraConfig config)
    {
        if (config.ExcludePattern is { } excluded ? MatchesWhole(excluded, path) : config.ExcludeModules.Any(name => IsNamed(path, name)))
        {
            return false;
        }

        if (path == CausalLanguageModel.HeadPath)
        {
            return config.AdaptHead || (config.TargetPattern is { } whole ? MatchesWhole(whole, path) : config.TargetModules.Contains(path, StringComparer.Ordinal));
        }

        if (config.LayersToTransform is { Count: > 0 } layers && (LayerOf(path) is not { } layer || !layers.Contains(layer)))
        {
            return false;
        }

        return config.TargetPattern is { } pattern
            ? MatchesWhole(pattern, path)
            : config.TargetModules.Count == 0 || config.TargetModules.Any(name => IsNamed(path, name));
    }

    private static void RefuseTiedHead(CausalLanguageModel model, LoraConfig config)
    {
        var isNamed = config.AdaptHead || config.TargetModules.Contains(CausalLanguageModel.HeadPath, StringComparer.Ordinal);
        if (isNamed && !model.Projections.ContainsKey(CausalLanguageModel.HeadPath))
        {
            throw new ModelFormatException($"the head, {CausalLanguageModel.HeadPath}, cannot be adapted: it is tied to the embeddings, which all experts share");
        }
    }

    private static bool IsNamed(string path, string name) =>
        path == name || path.EndsWith("." + name, StringComparison.Ordinal);

    private static int? LayerOf(string path)
    {
        var parts = path.Split('.');
        var index = Array.IndexOf(parts, "layers");
        return index >= 0 && index + 1 < parts.Length && int.TryParse(parts[index + 1], out var layer) ? layer : null;
    }

    private static string LastPart(string path) => path[(path.LastIndexOf('.') + 1)..];

    private static bool Matches(string pattern, string path)
    {
        try
        {
            return Regex.IsMatch(path, pattern, RegexOptions.CultureInvariant, _patience);
        }
        catch (Exception error) when (error is ArgumentException or RegexMatchTimeoutException)
        {
            throw new ModelFormatException($"'{pattern}' is not a usable regular expression ({error.Message})", error);
        }
    }
}
