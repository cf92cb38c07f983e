namespace DyLoraMoe.Core.Data.Corpus;

/// <summary>
/// The endless corpus that the built-in backbone is pre-trained on. Document n is a function of the seed and n alone, so any
/// part can be made anywhere, in any order and on any number of threads. The families are foundations: English sentences about
/// a small world, addition, counting, JSON, code, recall, and many forms of copying from context. What is listed in
/// <see cref="SkillFamilies.SkillCatalog"/> never occurs, so that each of those is new when it is taught as a skill.
/// </summary>
public sealed class CorpusGenerator
{
    /// <summary>Changes whenever any document changes, and belongs in the card of a model trained on it.</summary>
    public const int Version = 1;

    private static readonly ulong Purpose = SeededRandom.Key("corpus");

    private readonly ulong _seed;
    private readonly ICorpusFamily[] _wheel;

    /// <summary>The corpus of <paramref name="seed"/>.</summary>
    /// <param name="seed">Every document follows from this and its number.</param>
    /// <param name="families">The families to draw from; all of <see cref="CorpusCatalog.Families"/> unless given.</param>
    public CorpusGenerator(ulong seed, IReadOnlyList<ICorpusFamily>? families = null)
    {
        _seed = seed;
        _wheel = [.. (families ?? CorpusCatalog.Families).SelectMany(family => Enumerable.Repeat(family, family.Share))];
        if (_wheel.Length == 0)
        {
            throw new ArgumentException("Expected at least one family with a share above 0, found none.", nameof(families));
        }
    }

    /// <summary>The document of number <paramref name="index"/>.</summary>
    public CorpusDocument Document(long index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        var random = new SeededRandom(_seed, Purpose, (ulong)index);
        var family = random.Pick(_wheel);
        return new CorpusDocument(index, family.Name, family.Write(random));
    }

    /// <summary>Documents from number <paramref name="first"/> on, without end.</summary>
    public IEnumerable<CorpusDocument> Documents(long first = 0)
    {
        for (var index = first; ; index++)
        {
            yield return Document(index);
        }
    }

    /// <summary>Documents from number <paramref name="first"/> on, until they have at least <paramref name="characters"/> together.</summary>
    public IEnumerable<CorpusDocument> Take(long characters, long first = 0)
    {
        foreach (var document in Documents(first))
        {
            if (characters <= 0)
            {
                yield break;
            }

            characters -= document.Text.Length;
            yield return document;
        }
    }
}
