using System.Text.Json;
using System.Text.Json.Nodes;
using DyLoraMoe.Core.Safetensors;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Models;

/// <summary>Reads and writes <c>config.json</c> in Hugging Face's terms.</summary>
public static class ModelConfigFile
{
    /// <summary>Name of the file in a model folder.</summary>
    public const string FileName = "config.json";

    private const long MaximumBytes = 1 << 20;

    private static readonly JsonSerializerOptions _indented = new() { WriteIndented = true };

    /// <summary>Reads and validates the configuration of a model folder.</summary>
    /// <param name="folder">The model folder.</param>
    /// <exception cref="ModelFormatException">The file is missing, malformed, or describes a model that is not supported.</exception>
    public static ModelConfig Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        var json = JsonFile.ReadObject(path, MaximumBytes);
        try
        {
            return Of(json);
        }
        catch (ModelFormatException error)
        {
            throw new ModelFormatException($"{path}: {error.Message}", error);
        }
    }

    /// <summary>Reads and validates a configuration.</summary>
    /// <param name="json">What a <c>config.json</c> holds.</param>
    /// <exception cref="ModelFormatException">It is malformed, or describes a model that is not supported.</exception>
    public static ModelConfig Of(JsonObject json)
    {
        ArgumentNullException.ThrowIfNull(json);
        try
        {
            var config = Parse(json);
            config.Validate();
            return config;
        }
        catch (Exception error) when (error is FormatException or InvalidOperationException or OverflowException or JsonException)
        {
            throw new ModelFormatException($"a field has the wrong type ({error.Message})", error);
        }
    }

    /// <summary>Writes <paramref name="config"/> so that this project and transformers read the same model from it.</summary>
    /// <param name="folder">The model folder; it must exist.</param>
    /// <param name="config">What to write.</param>
    public static void Write(string folder, ModelConfig config) => AtomicFile.WriteText(Path.Combine(folder, FileName), ToJson(config).ToJsonString(_indented) + "\n");

    /// <summary>What <see cref="Write"/> writes.</summary>
    /// <param name="config">The configuration.</param>
    public static JsonObject ToJson(ModelConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        var name = config.Family.ToString();
        var json = new JsonObject
        {
            ["architectures"] = new JsonArray(name + "ForCausalLM"),
            ["model_type"] = name.ToLowerInvariant(),
            ["hidden_size"] = config.HiddenSize,
            ["intermediate_size"] = config.IntermediateSize,
            ["num_hidden_layers"] = config.Layers,
            ["num_attention_heads"] = config.Heads,
            ["num_key_value_heads"] = config.KeyValueHeads,
            ["head_dim"] = config.HeadSize,
            ["vocab_size"] = config.VocabularySize,
            ["max_position_embeddings"] = config.MaxPositions,
            ["rms_norm_eps"] = config.NormEpsilon,
            ["rope_theta"] = config.RopeTheta,
            ["tie_word_embeddings"] = config.TieWordEmbeddings,
            ["hidden_act"] = ActivationName(config.Activation),
            ["torch_dtype"] = TypeName(config.StoredType),
            ["bos_token_id"] = config.BosTokenId,
            ["eos_token_id"] = config.EosTokenIds.Count == 1 ? config.EosTokenIds[0] : new JsonArray([.. config.EosTokenIds.Select(id => JsonValue.Create(id))]),
        };
        WriteVariants(json, config);
        return json;
    }

    private static void WriteVariants(JsonObject json, ModelConfig config)
    {
        switch (config.Family)
        {
            case ModelFamily.Gemma:
                json["hidden_activation"] = ActivationName(config.Activation);
                json["attention_bias"] = config.QkvBias;
                break;
            case ModelFamily.Llama:
                json["mlp_bias"] = config.FeedForwardBias;
                json["attention_bias"] = config.QkvBias;
                break;
            case ModelFamily.Qwen3:
                json["attention_bias"] = config.QkvBias;
                break;
        }

        if (config.SlidingWindow is { } window)
        {
            json["sliding_window"] = window;
            if (config.Family is ModelFamily.Qwen2 or ModelFamily.Qwen3)
            {
                json["use_sliding_window"] = true;
                json["max_window_layers"] = config.FirstSlidingLayer;
            }

            if (config.SlidingLayers is { } layers)
            {
                json["layer_types"] = new JsonArray([.. layers.Select(slides => JsonValue.Create(slides ? "sliding_attention" : "full_attention"))]);
            }
        }
        else if (config.Family == ModelFamily.Mistral)
        {
            json["sliding_window"] = null;
        }

        json["rope_scaling"] = config.RopeScaling switch
        {
            RopeScaling.Linear linear => new JsonObject { ["rope_type"] = "linear", ["factor"] = linear.Factor },
            RopeScaling.Llama3 llama3 => new JsonObject
            {
                ["rope_type"] = "llama3",
                ["factor"] = llama3.Factor,
                ["low_freq_factor"] = llama3.LowFrequencyFactor,
                ["high_freq_factor"] = llama3.HighFrequencyFactor,
                ["original_max_position_embeddings"] = llama3.OriginalPositions,
            },
            _ => null,
        };
    }

    private static ModelConfig Parse(JsonObject json)
    {
        var family = ParseFamily(json);
        RefuseQuantization(json);
        var defaults = FamilyDefaults.Of(family);
        var hidden = RequiredInt(json, "hidden_size");
        var heads = RequiredInt(json, "num_attention_heads");
        var rope = json["rope_parameters"] as JsonObject;
        var attentionBias = defaults.HasAttentionBias && (Bool(json, "attention_bias") ?? false);
        var config = new ModelConfig
        {
            Family = family,
            HiddenSize = hidden,
            IntermediateSize = RequiredInt(json, "intermediate_size"),
            Layers = RequiredInt(json, "num_hidden_layers"),
            Heads = heads,
            KeyValueHeads = (json.ContainsKey("num_key_value_heads") ? Int(json, "num_key_value_heads") : defaults.KeyValueHeads) ?? heads,
            HeadSize = Int(json, "head_dim") ?? defaults.HeadSize ?? (heads > 0 ? hidden / heads : 0),
            VocabularySize = RequiredInt(json, "vocab_size"),
            MaxPositions = Int(json, "max_position_embeddings") ?? defaults.MaxPositions,
            NormEpsilon = Double(json, "rms_norm_eps") ?? 1e-6,
            RopeTheta = Double(json, "rope_theta") ?? (rope is null ? null : Double(rope, "rope_theta")) ?? 10_000,
            RopeScaling = ParseScaling(rope ?? json["rope_scaling"] as JsonObject, json),
            TieWordEmbeddings = Bool(json, "tie_word_embeddings") ?? defaults.TieWordEmbeddings,
            QkvBias = family == ModelFamily.Qwen2 || attentionBias,
            OutputBias = attentionBias,
            FeedForwardBias = defaults.HasFeedForwardBias && (Bool(json, "mlp_bias") ?? false),
            Activation = ParseActivation(json, family),
            BosTokenId = Int(json, "bos_token_id"),
            EosTokenIds = Ids(json, "eos_token_id"),
            StoredType = ParseType(Text(json, "torch_dtype") ?? Text(json, "dtype")),
        };
        return ParseWindow(json, config, defaults);
    }

    private static ModelFamily ParseFamily(JsonObject json)
    {
        var type = Text(json, "model_type")
            ?? ((json["architectures"] as JsonArray)?.FirstOrDefault() is { } first ? first.ToString().Replace("ForCausalLM", "", StringComparison.Ordinal).ToLowerInvariant() : null);
        foreach (var family in Enum.GetValues<ModelFamily>())
        {
            if (string.Equals(type, family.ToString(), StringComparison.OrdinalIgnoreCase))
            {
                return family;
            }
        }

        throw new ModelFormatException(
            $"model_type is '{type}', expected one of {string.Join(", ", Enum.GetNames<ModelFamily>()).ToLowerInvariant()}; this architecture is not supported");
    }

    private static void RefuseQuantization(JsonObject json)
    {
        if (json["quantization_config"] is JsonObject quantization)
        {
            throw new ModelFormatException(
                $"the weights are quantized ({Text(quantization, "quant_method") ?? "unknown method"}), expected plain float32, bfloat16 or float16; use the unquantized checkpoint");
        }
    }

    private static RopeScaling? ParseScaling(JsonObject? scaling, JsonObject json)
    {
        if (scaling is null)
        {
            return null;
        }

        var type = Text(scaling, "rope_type") ?? Text(scaling, "type") ?? "default";
        return type switch
        {
            "default" => null,
            "linear" => new RopeScaling.Linear(Factor("factor")),
            "llama3" => new RopeScaling.Llama3(
                Factor("factor"),
                Factor("low_freq_factor"),
                Factor("high_freq_factor"),
                Double(scaling, "original_max_position_embeddings") ?? Double(json, "original_max_position_embeddings") ?? RequiredInt(json, "max_position_embeddings")),
            _ => throw new ModelFormatException($"rope_scaling type is '{type}', expected default, linear or llama3; this form is not supported"),
        };

        double Factor(string name) => Double(scaling, name) is { } value and > 0
            ? value
            : throw new ModelFormatException($"rope_scaling of type '{type}' needs a positive '{name}'");
    }

    private static FeedForwardActivation ParseActivation(JsonObject json, ModelFamily family)
    {
        // Gemma's early files say "gelu" in hidden_act and mean the tanh form; hidden_activation corrects it.
        var name = family == ModelFamily.Gemma
            ? Text(json, "hidden_activation") ?? "gelu_pytorch_tanh"
            : Text(json, "hidden_act") ?? "silu";
        return name switch
        {
            "silu" or "swish" => FeedForwardActivation.Silu,
            "gelu_pytorch_tanh" => FeedForwardActivation.GeluTanh,
            "gelu" => FeedForwardActivation.Gelu,
            _ => throw new ModelFormatException($"hidden_act is '{name}', expected silu, gelu or gelu_pytorch_tanh; this activation is not supported"),
        };
    }

    private static string ActivationName(FeedForwardActivation activation) => activation switch
    {
        FeedForwardActivation.Silu => "silu",
        FeedForwardActivation.GeluTanh => "gelu_pytorch_tanh",
        _ => "gelu",
    };

    private static ModelConfig ParseWindow(JsonObject json, ModelConfig config, FamilyDefaults defaults)
    {
        // A window that is null is none; only a file that does not mention it leaves it to the family.
        var window = json.ContainsKey("sliding_window") ? Int(json, "sliding_window") : defaults.SlidingWindow;
        var canSlide = config.Family == ModelFamily.Mistral
            || (config.Family is ModelFamily.Qwen2 or ModelFamily.Qwen3 && (Bool(json, "use_sliding_window") ?? false));
        if (!canSlide || window is null)
        {
            return config;
        }

        var layers = (json["layer_types"] as JsonArray)?.Select(type => type?.ToString() switch
        {
            "sliding_attention" => true,
            "full_attention" => false,
            var other => throw new ModelFormatException($"layer_types holds '{other}', expected sliding_attention or full_attention"),
        }).ToList();
        return config with
        {
            SlidingWindow = window,
            SlidingLayers = layers,
            FirstSlidingLayer = config.Family == ModelFamily.Mistral ? 0 : Int(json, "max_window_layers") ?? 28,
        };
    }

    private static ScalarType ParseType(string? name) => name?.Replace("torch.", "", StringComparison.Ordinal) switch
    {
        null or "float32" => ScalarType.Float32,
        "bfloat16" => ScalarType.BFloat16,
        "float16" => ScalarType.Float16,
        "float64" => ScalarType.Float64,
        _ => throw new ModelFormatException($"torch_dtype is '{name}', expected float32, bfloat16 or float16"),
    };

    private static string TypeName(ScalarType type) => type switch
    {
        ScalarType.BFloat16 => "bfloat16",
        ScalarType.Float16 => "float16",
        ScalarType.Float64 => "float64",
        _ => "float32",
    };

    /// <summary>A field that is a whole number or a list of them; none where it is missing or null.</summary>
    /// <exception cref="ModelFormatException">It is something else.</exception>
    internal static IReadOnlyList<int> Ids(JsonObject json, string name)
    {
        return json[name] switch
        {
            null => [],
            JsonArray array => [.. array.Select(Id)],
            var node => [Id(node)],
        };

        int Id(JsonNode? node) => node is JsonValue value && value.TryGetValue<int>(out var id) ? id : throw JsonFile.WrongType(json, name, "a whole number or a list of them");
    }

    private static int RequiredInt(JsonObject json, string name) =>
        Int(json, name) ?? throw new ModelFormatException($"'{name}' is missing, expected a whole number");

    private static int? Int(JsonObject json, string name) => JsonFile.Value<int>(json, name, "a whole number");

    private static double? Double(JsonObject json, string name) => JsonFile.Value<double>(json, name, "a number");

    private static bool? Bool(JsonObject json, string name) => JsonFile.Value<bool>(json, name, "true or false");

    private static string? Text(JsonObject json, string name) => json[name] switch
    {
        null => null,
        JsonValue value when value.TryGetValue<string>(out var text) => text,
        _ => throw JsonFile.WrongType(json, name, "a text"),
    };
}
