using DyLoraMoe.Core.Compute;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Safetensors;
using DyLoraMoe.Core.Tokenization;
using DyLoraMoe.Core.Tokenization.Training;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Trainer.CommandLine;

namespace DyLoraMoe.Trainer.Pretraining;

/// <summary>How well a backbone predicts one family of held-out documents.</summary>
/// <param name="Family">The family's name.</param>
/// <param name="Report">The measurement.</param>
internal sealed record FamilyResult(string Family, EvaluationReport Report);

/// <summary>Makes a backbone from a configuration: documents, vocabulary, training, folder and card.</summary>
/// <param name="config">What to make.</param>
/// <param name="output">The folder to write.</param>
internal sealed class BackboneBuild(BackboneConfig config, string output)
{
    private const string TokenizerFolder = "tokenizer";

    /// <summary>Makes the backbone, or goes on with one that was interrupted.</summary>
    /// <param name="run">How the run is watched and saved.</param>
    /// <param name="compute">Where to compute; training is in float32 whatever the dtype.</param>
    /// <returns>What the training did, and the stored model's losses by family.</returns>
    public (TrainingReport Training, IReadOnlyList<FamilyResult> Families) Make(RunChoice run, ComputePlace compute)
    {
        using var held = run.Hold();
        var corpus = BackboneCorpus.Of(config.Corpus, (ulong)config.Seed, config.Model.Context);

        // Beside the checkpoints until there are weights that were trained with it: the folder may hold a model that reads text otherwise.
        var apart = Path.Combine(run.CheckpointFolder, TokenizerFolder);
        var tokenizer = PrepareTokenizer(corpus, apart);
        var (train, heldOut) = (BackboneCorpus.Stream(corpus.Train, tokenizer), BackboneCorpus.Stream(corpus.HeldOut, tokenizer));
        var shape = config.Model.ToModelConfig(tokenizer.VocabularySize, Ends(tokenizer));
        using var weights = new RandomWeights(shape, config.Seed, device: compute.Device);
        using var model = new CausalLanguageModel(shape, weights);
        Console.Error.WriteLine(
            $"{Report.Count(corpus.Train.Count)} documents, {Report.Count(train.Length)} tokens; {Report.Count(model.parameters().Sum(parameter => parameter.numel()))} parameters.");

        (TrainingReport, IReadOnlyList<FamilyResult>)? result = null;
        SupervisedRun.Execute(
            run,
            settings => TrainingRun.OfModel(model, TrainingData.OfStream(train, heldOut), config.ToTrainingOptions(), settings),
            report => result = (report, Publish(model, report, corpus, tokenizer, apart, compute)));
        Directory.Delete(apart, recursive: true);
        return result!.Value;
    }

    private TextTokenizer PrepareTokenizer(BackboneCorpus corpus, string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        if (config.Tokenizer.Folder is { } given)
        {
            // One that cannot be read is refused by its own name.
            _ = TextTokenizer.Load(given);
            Directory.CreateDirectory(folder);
            CompanionFiles.CopyTokenizer(given, folder);
        }
        else
        {
            var texts = BackboneCorpus.Beginning(corpus.Train.Select(document => document.Text), config.Tokenizer.TrainingCharacters);
            BpeTrainer.Train(texts, new BpeTrainerOptions { VocabularySize = config.Tokenizer.Size, ChatTemplate = ChatMl }).Save(folder);
        }

        return TextTokenizer.Load(folder);
    }

    private List<FamilyResult> Publish(CausalLanguageModel model, TrainingReport report, BackboneCorpus corpus, TextTokenizer tokenizer, string apart, ComputePlace compute)
    {
        ModelFolder.Save(output, model, config.ToScalarType());
        CompanionFiles.CopyTokenizer(apart, output);
        AtomicFile.WriteText(Path.Combine(output, "generation_config.json"), JsonText.Of(new { EosTokenId = Ends(tokenizer), DoSample = false }));
        using var stored = ModelFolder.Load(output, device: compute.Device);
        var families = Measure(stored, corpus, tokenizer);
        AtomicFile.WriteText(Path.Combine(output, "README.md"), ModelCard.Write(config, stored, report, families));
        return families;
    }

    private List<FamilyResult> Measure(CausalLanguageModel model, BackboneCorpus corpus, TextTokenizer tokenizer)
    {
        var evaluator = new LanguageModelEvaluator(model);
        return [.. corpus.HeldOut
            .GroupBy(document => document.Family, StringComparer.Ordinal)
            .OrderBy(family => family.Key, StringComparer.Ordinal)
            .Select(family => new FamilyResult(family.Key, evaluator.Evaluate(EvaluationSet.OfSamples([.. family.SelectMany(document => Windows(document, tokenizer))]))))];
    }

    // Consecutive windows share one token: the last one predicted is the next window's first input.
    private IEnumerable<TokenizedSample> Windows(Core.Data.Corpus.CorpusDocument document, TextTokenizer tokenizer)
    {
        int[] ids = [tokenizer.EosId!.Value, .. BackboneCorpus.Encode(document, tokenizer), tokenizer.EosId!.Value];
        for (var start = 0; start < ids.Length - 1; start += config.Model.Context)
        {
            yield return TokenizedSample.Whole(ids[start..Math.Min(ids.Length, start + config.Model.Context + 1)]);
        }
    }

    private static int[] Ends(TextTokenizer tokenizer) =>
        [.. new[] { tokenizer.EosId, tokenizer.TokenId("<|im_end|>") }.OfType<int>().Distinct()];

    private const string ChatMl =
        "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}"
        + "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";
}
