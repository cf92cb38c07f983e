using System.Text.Json;
using System.Text.Json.Nodes;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Safetensors;

namespace DyLoraMoe.Core.Adapters;

/// <summary>Reads and writes <c>adapter_config.json</c> as PEFT does. A variant that this project cannot compute is refused by name.</summary>
public static class PeftConfigFile
{
    /// <summary>Name of the file in an adapter folder.</summary>
    public const string FileName = "adapter_config.json";

    private const string InvocationField = "alora_invocation_tokens";
    private const long MaximumBytes = 1 << 20;

    private static readonly JsonSerializerOptions _indented = new() { WriteIndented = true };

    // Fields that say nothing about what the adapter computes, or that are read below.
    private static readonly HashSet<string> _understood = new(StringComparer.Ordinal)
    {
        "peft_type", "task_type", "base_model_name_or_path", "revision", "inference_mode", "auto_mapping", "peft_version", "runtime_config",
        "r", "lora_alpha", "lora_dropout", "use_rslora", "target_modules", "exclude_modules", "rank_pattern", "alpha_pattern",
        "layers_to_transform", "layers_pattern", "bias", "fan_in_fan_out", "init_lora_weights", InvocationField,
        "loftq_config", "eva_config", "corda_config", "lora_ga_config", "megatron_core", "qalora_group_size", "ensure_weight_tying",
    };

    // These initialisations rewrite the backbone's weights, so the adapter means nothing on the original backbone.
    private static readonly string[] _backboneChangingInitialisations = ["pissa", "olora", "corda", "loftq", "lora_ga"];

    /// <summary>Reads the configuration of an adapter folder.</summary>
    /// <param name="folder">The adapter folder.</param>
    /// <exception cref="ModelFormatException">The file is missing or malformed, or asks for a variant that is not supported.</exception>
    public static LoraConfig Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        var json = JsonFile.ReadObject(path, MaximumBytes);
        try
        {
            RefuseVariants(json);
            return Parse(json);
        }
        catch (ModelFormatException error)
        {
            throw new ModelFormatException($"{path}: {error.Message}", error);
        }
        catch (Exception error) when (error is FormatException or InvalidOperationException or OverflowException or JsonException)
        {
            throw new ModelFormatException($"{path}: a field has the wrong type ({error.Message})", error);
        }
    }

    /// <summary>Writes the fields that PEFT and vLLM both read.</summary>
    /// <param name="folder">The adapter folder; it must exist.</param>
    /// <param name="config">What to write.</param>
    /// <param name="targets">The last path parts of the adapted layers.</param>
    /// <param name="baseModel">Name or path of the backbone.</param>
    public static void Write(string folder, LoraConfig config, IEnumerable<string> targets, string baseModel)
    {
        ArgumentNullException.ThrowIfNull(config);
        var json = new JsonObject
        {
            ["peft_type"] = "LORA",
            ["task_type"] = "CAUSAL_LM",
            ["base_model_name_or_path"] = baseModel,
            ["r"] = config.Rank,
            ["lora_alpha"] = Number(config.Alpha),
            ["lora_dropout"] = config.Dropout,
            ["bias"] = "none",
            ["fan_in_fan_out"] = false,
            ["target_modules"] = config.TargetPattern is { } pattern ? WithHead(pattern, config.AdaptHead) : Array(targets.Order(StringComparer.Ordinal), name => JsonValue.Create(name)),
            ["use_rslora"] = config.UseRsLora,
            ["use_dora"] = false,
            ["modules_to_save"] = null,
            ["init_lora_weights"] = true,
            ["inference_mode"] = true,
            ["rank_pattern"] = new JsonObject(config.RankPattern.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value))),
            ["alpha_pattern"] = new JsonObject(config.AlphaPattern.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)Number(pair.Value)))),
            ["layers_to_transform"] = config.LayersToTransform is { } layers ? Array(layers, layer => JsonValue.Create(layer)) : null,
            ["layers_pattern"] = null,
        };
        if (config.ExcludePattern is { } excluded)
        {
            json["exclude_modules"] = excluded;
        }
        else if (config.ExcludeModules.Count > 0)
        {
            json["exclude_modules"] = Array(config.ExcludeModules, name => JsonValue.Create(name));
        }

        // Empty where the adapter acts from the last prompt token on, which PEFT has no word for: only this project runs such an adapter.
        if (config.Mode == AdapterMode.Activated)
        {
            json[InvocationField] = Array(config.InvocationTokens ?? [], id => JsonValue.Create(id));
        }

        AtomicFile.WriteText(Path.Combine(folder, FileName), json.ToJsonString(_indented) + "\n");
    }

    private static JsonArray Array<T>(IEnumerable<T> values, Func<T, JsonNode?> node) => [.. values.Select(node)];

    // The format has no other way to say that the head is adapted, too.
    private static string WithHead(string pattern, bool adaptHead) =>
        adaptHead && !TargetSelection.MatchesWhole(pattern, CausalLanguageModel.HeadPath) ? $"(?:{pattern})|{CausalLanguageModel.HeadPath}" : pattern;

    // PEFT declares lora_alpha as an integer and writes one wherever it is.
    private static JsonValue Number(double value) => value == Math.Floor(value) && Math.Abs(value) < int.MaxValue ? JsonValue.Create((int)value) : JsonValue.Create(value);

    private static void RefuseVariants(JsonObject json)
    {
        if ((string?)json["peft_type"] is var type && type != "LORA")
        {
            throw new ModelFormatException($"peft_type is '{type}', expected LORA; this kind of adapter is not supported");
        }

        if ((string?)json["bias"] is { } bias and not "none")
        {
            throw new ModelFormatException($"bias is '{bias}', expected none; adapters that train the backbone's biases are not supported");
        }

        if (json["fan_in_fan_out"]?.GetValue<bool>() ?? false)
        {
            throw new ModelFormatException("fan_in_fan_out is true, expected false; the supported backbones have no transposed layers");
        }

        if (json["init_lora_weights"] is JsonValue initialisation && initialisation.GetValueKind() == JsonValueKind.String)
        {
            var name = initialisation.GetValue<string>();
            if (_backboneChangingInitialisations.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)))
            {
                throw new ModelFormatException($"init_lora_weights is '{name}', which changes the backbone's weights; convert the adapter to plain LoRA first");
            }
        }

        foreach (var (name, value) in json)
        {
            if (!_understood.Contains(name) && !IsOff(value))
            {
                throw new ModelFormatException($"'{name}' is set to {Shortened(value)}; this LoRA variant is not supported");
            }
        }
    }

    private static bool IsOff(JsonNode? value) => value switch
    {
        null => true,
        JsonArray array => array.Count == 0,
        JsonObject fields => fields.Count == 0,
        _ => value.GetValueKind() == JsonValueKind.False,
    };

    private static string Shortened(JsonNode? value)
    {
        var text = value!.ToJsonString();
        return text.Length <= 60 ? text : text[..57] + "...";
    }

    private static LoraConfig Parse(JsonObject json)
    {
        var (names, pattern) = Targets(json["target_modules"]);
        var (excludedNames, excludedPattern) = Excluded(json["exclude_modules"]);
        var config = new LoraConfig
        {
            Rank = json["r"]?.GetValue<int>() ?? throw new ModelFormatException("'r' is missing, expected the adapter's rank"),
            Alpha = json["lora_alpha"]?.GetValue<double>() ?? throw new ModelFormatException("'lora_alpha' is missing, expected the numerator of the scale"),
            UseRsLora = json["use_rslora"]?.GetValue<bool>() ?? false,
            Dropout = json["lora_dropout"]?.GetValue<double>() ?? 0,
            TargetModules = names,
            TargetPattern = pattern,
            ExcludeModules = excludedNames,
            ExcludePattern = excludedPattern,
            RankPattern = Pattern<int>(json, "rank_pattern"),
            AlphaPattern = Pattern<double>(json, "alpha_pattern"),
            LayersToTransform = ModelConfigFile.Ids(json, "layers_to_transform") is { Count: > 0 } layers ? layers : null,
            Mode = json[InvocationField] is null ? AdapterMode.Full : AdapterMode.Activated,
            InvocationTokens = ModelConfigFile.Ids(json, InvocationField) is { Count: > 0 } tokens ? tokens : null,
        };
        var ranks = config.RankPattern.Values.Append(config.Rank);
        return ranks.All(rank => rank is > 0 and <= 4096) && double.IsFinite(config.Alpha)
            ? config
            : throw new ModelFormatException($"r is {string.Join(", ", ranks)} and lora_alpha {config.Alpha}, expected ranks from 1 to 4096 and a finite alpha");
    }

    private static (IReadOnlyList<string> Names, string? Pattern) Targets(JsonNode? node) => node switch
    {
        JsonArray { Count: > 0 } names => (Strings(names, "target_modules"), null),
        JsonValue text when text.GetValueKind() == JsonValueKind.String => text.GetValue<string>() == "all-linear" ? ([], null) : ([], text.GetValue<string>()),
        _ => throw new ModelFormatException("'target_modules' is missing, expected a list of layer names or a pattern"),
    };

    private static (IReadOnlyList<string> Names, string? Pattern) Excluded(JsonNode? node) => node switch
    {
        null => ([], null),
        JsonArray names => (Strings(names, "exclude_modules"), null),
        JsonValue text when text.GetValueKind() == JsonValueKind.String => ([], text.GetValue<string>() is { Length: > 0 } pattern ? pattern : null),
        _ => throw new ModelFormatException($"'exclude_modules' is {Shortened(node)}, expected a list of layer names or a pattern"),
    };

    private static IReadOnlyList<string> Strings(JsonArray array, string field) =>
        [.. array.Select(item => item?.GetValue<string>() ?? throw new ModelFormatException($"'{field}' holds null, expected names of layers"))];

    private static Dictionary<string, T> Pattern<T>(JsonObject json, string name)
        where T : struct => json[name] is JsonObject fields
            ? fields.ToDictionary(pair => pair.Key, pair => JsonFile.Value<T>(fields, pair.Key, "a number") ?? throw JsonFile.WrongType(json, name, "numbers by layer"), StringComparer.Ordinal)
            : [];
}
