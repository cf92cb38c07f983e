namespace DyLoraMoe.Core.Data.Corpus;

/// <summary>One of the small languages that the built-in backbone is pre-trained on.</summary>
public interface ICorpusFamily
{
    /// <summary>Short name, as it stands in the catalogue and the model card.</summary>
    string Name { get; }

    /// <summary>What the documents are, in one sentence.</summary>
    string Description { get; }

    /// <summary>Share of the documents, in percent.</summary>
    int Share { get; }

    /// <summary>One document: a function of <paramref name="random"/> alone, in printable ASCII and line feeds, without one at the end.</summary>
    string Write(SeededRandom random);
}
