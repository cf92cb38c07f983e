using System.ComponentModel.DataAnnotations;
using DyLoraMoe.Core.Memory;

namespace DyLoraMoe.Router.Memory;

/// <summary>What is remembered, and how much of it a request is given.</summary>
internal sealed record MemoryOptions
{
    /// <summary>Where, how many, how long.</summary>
    public required EpisodeStoreOptions Store { get; init; }

    /// <summary>Most episodes before a prompt. The default, 3, is what few-shot prompts usually have to gain.</summary>
    [Range(1, 64)]
    public int MostEpisodes { get; init; } = 3;

    /// <summary>Most tokens that episodes add to a prompt. The default is 256.</summary>
    [Range(1, 1 << 20)]
    public int MostTokens { get; init; } = 256;
}
