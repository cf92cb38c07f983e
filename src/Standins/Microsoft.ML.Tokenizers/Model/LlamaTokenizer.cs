namespace Microsoft.ML.Tokenizers;

/// <summary>Llama's tokenizer: a SentencePiece byte-pair model that does not normalize.</summary>
public sealed class LlamaTokenizer : SentencePieceTokenizer
{
    private LlamaTokenizer(SentencePieceModel model, bool addBeginningOfSentence, bool addEndOfSentence, IReadOnlyDictionary<string, int>? specialTokens)
        : base(model, addBeginningOfSentence, addEndOfSentence, specialTokens)
    {
    }

    /// <summary>Reads a <c>tokenizer.model</c>.</summary>
    public static new LlamaTokenizer Create(
        Stream modelStream,
        bool addBeginOfSentence = true,
        bool addEndOfSentence = false,
        IReadOnlyDictionary<string, int>? specialTokens = null)
    {
        var model = SentencePieceModel.Read(modelStream);
        if (model.ModelType != SentencePieceModel.BytePair)
        {
            throw new ArgumentException("The model type is not Bpe.", nameof(modelStream));
        }

        if (model.NormalizerName is not ("" or "identity"))
        {
            throw new ArgumentException($"Normalization '{model.NormalizerName}' is not supported.", nameof(modelStream));
        }

        return new LlamaTokenizer(model, addBeginOfSentence, addEndOfSentence, specialTokens);
    }
}
