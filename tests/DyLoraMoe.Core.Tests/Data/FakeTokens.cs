using DyLoraMoe.Core.Data;

namespace DyLoraMoe.Core.Tests.Data;

/// <summary>One token per character, ids from 10; 1 begins, 2 ends.</summary>
internal sealed class FakeTokens : ITokenSource
{
    public int? BosId { get; init; } = 1;

    public int? EosId { get; init; } = 2;

    public int[] Encode(string text, bool addSpecialTokens) => [.. text.Select(c => c + 10)];

    public int[] EncodeAnswer(string text) => Encode(text, addSpecialTokens: false);

    public static string Decode(IEnumerable<int> ids) => string.Concat(ids.Select(id => id switch { 1 => '^', 2 => '$', _ => (char)(id - 10) }));
}
