using DyLoraMoe.Core.Memory;

namespace DyLoraMoe.Core.Tests.Memory;

/// <summary>Episodes with defaults, and a clock to set.</summary>
internal static class Episodes
{
    public static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static Episode Of(string prompt, string answer, string? user = null, string owner = "", DateTimeOffset? time = null) => new()
    {
        Id = Episode.IdOf(owner, user, prompt),
        Owner = owner,
        User = user,
        Prompt = prompt,
        Answer = answer,
        Origin = EpisodeOrigin.Correction,
        First = time ?? Start,
        Time = time ?? Start,
        Surprise = 2,
    };

    internal sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = Start;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
