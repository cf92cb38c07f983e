namespace DyLoraMoe.Core.Models;

/// <summary>The decoder families that load, by <c>model_type</c> in <c>config.json</c>.</summary>
public enum ModelFamily
{
    /// <summary>Llama 1 to 3 and its many relatives.</summary>
    Llama,

    /// <summary>Mistral: Llama with a sliding window and a free head size.</summary>
    Mistral,

    /// <summary>Qwen2 and Qwen2.5: bias on queries, keys and values.</summary>
    Qwen2,

    /// <summary>Qwen3: RMS norm on every query and key head.</summary>
    Qwen3,

    /// <summary>Gemma, first generation: scaled embeddings, gains stored as their distance from one.</summary>
    Gemma,
}
