using System.CommandLine;
using DyLoraMoe.CommandLine;
using DyLoraMoe.Trainer.Pretraining;

namespace DyLoraMoe.Trainer.CommandLine;

/// <summary>The options that override parts of a backbone's configuration.</summary>
internal sealed class BackboneOptions
{
    private readonly Option<string?> _name = OptionOf.Text("--name", "NAME", "The model's name on its card.");

    private readonly Option<string[]> _files = OptionOf.Texts("--data", "FILE", "A text or JSON lines file to learn in place of the built-in corpus. May be given several times.");

    private readonly Option<string?> _text = OptionOf.Text("--text-field", "NAME", "The field of JSON or CSV files that holds the text.");

    private readonly Option<int?> _characters = OptionOf.Whole("--characters", "N", "Characters of the built-in corpus to learn from.", 1000);

    private readonly Option<string?> _tokenizer = OptionOf.Text("--tokenizer", "DIR", "A folder with a tokenizer to take instead of learning one.");

    private readonly Option<int?> _vocabulary = OptionOf.Whole("--vocabulary", "N", "Tokens of the vocabulary to learn.", 260, 1 << 20);

    private readonly Option<int?> _layers = OptionOf.Whole("--layers", "N", "Decoder layers.", 1, 1000);

    private readonly Option<int?> _hidden = OptionOf.Whole("--hidden", "N", "Width of the residual stream.", 2, 1 << 16);

    private readonly Option<int?> _feedForward = OptionOf.Whole("--feed-forward", "N", "Width of the feed-forward layer.", 1, 1 << 20);

    private readonly Option<int?> _heads = OptionOf.Whole("--heads", "N", "Query heads.", 1, 1 << 12);

    private readonly Option<int?> _keyValueHeads = OptionOf.Whole("--kv-heads", "N", "Key/value heads. [default with --heads: as many]", 1, 1 << 12);

    private readonly Option<int?> _context = OptionOf.Whole("--context", "TOKENS", "Context, in training too.", 2, 1 << 20);

    private readonly Option<int?> _steps = OptionOf.Whole("--steps", "N", "Optimizer steps.", 1);

    private readonly Option<int?> _rows = OptionOf.Whole("--rows", "B", "Rows of context length per step.", 1, 1 << 16);

    private readonly Option<double?> _rate = OptionOf.Number("--rate", "RATE", "Highest rate; it falls to a tenth along a cosine.", 0, 1);

    private readonly Option<string?> _optimizer = OptimizerChoice.Option("What the weights follow their gradients by: adamw, apollo or apollo-mini. The latter two remember less, and want rates of their own.");

    private readonly Option<int?> _evaluate = OptionOf.Whole("--evaluate-every", "N", "Steps between evaluations.", 1);

    private readonly Option<int?> _seed = OptionOf.Whole("--seed", "N", "Seed of everything that is random.", 0);

    /// <summary>The options, for <see cref="Verb.With"/>.</summary>
    public Option[] All =>
    [
        _name, _files, _text, _characters, _tokenizer, _vocabulary, _layers, _hidden, _feedForward, _heads, _keyValueHeads, _context, _steps, _rows, _rate, _optimizer, _evaluate, _seed,
    ];

    /// <summary><paramref name="config"/> with what was given on the command line.</summary>
    public BackboneConfig Override(BackboneConfig config, ParseResult parsed)
    {
        var (model, corpus, training) = (config.Model, config.Corpus, config.Training);
        var heads = parsed.GetValue(_heads);
        var files = parsed.GetValue(_files)!;
        var seeding = training.Seeding with { Rate = parsed.GetValue(_rate) ?? training.Seeding.Rate };
        if (parsed.GetValue(_steps) is { } steps && seeding.WarmUpSteps > steps / 10)
        {
            // A warm-up longer than the run would never reach the rate.
            seeding = seeding with { WarmUpSteps = steps / 10, MaxSteps = Math.Max(1, steps / 10) };
        }

        return config with
        {
            Name = parsed.GetValue(_name) ?? config.Name,
            Seed = parsed.GetValue(_seed) ?? config.Seed,
            Model = model with
            {
                Layers = parsed.GetValue(_layers) ?? model.Layers,
                HiddenSize = parsed.GetValue(_hidden) ?? model.HiddenSize,
                FeedForwardSize = parsed.GetValue(_feedForward) ?? model.FeedForwardSize,
                Heads = heads ?? model.Heads,
                KeyValueHeads = parsed.GetValue(_keyValueHeads) ?? heads ?? model.KeyValueHeads,
                Context = parsed.GetValue(_context) ?? model.Context,
            },
            Tokenizer = config.Tokenizer with
            {
                Size = parsed.GetValue(_vocabulary) ?? config.Tokenizer.Size,
                Folder = parsed.GetValue(_tokenizer) ?? config.Tokenizer.Folder,
            },
            Corpus = corpus with
            {
                Files = files.Length > 0 ? files : corpus.Files,
                TextField = parsed.GetValue(_text) ?? corpus.TextField,
                Characters = parsed.GetValue(_characters) ?? corpus.Characters,
            },
            Training = training with
            {
                MaxSteps = parsed.GetValue(_steps) ?? training.MaxSteps,
                Rows = parsed.GetValue(_rows) ?? training.Rows,
                EvaluateEvery = parsed.GetValue(_evaluate) ?? training.EvaluateEvery,
                Apollo = parsed.GetValue(_optimizer) is { } optimizer ? OptimizerChoice.Of(optimizer) : training.Apollo,
                Seeding = seeding,
                Consolidation = parsed.GetValue(_rate) is { } rate ? training.Consolidation with { Rate = rate, FinalRate = rate / 10 } : training.Consolidation,
            },
        };
    }
}
