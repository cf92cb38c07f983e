using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Data.SkillFamilies;

namespace DyLoraMoe.Trainer.Continual.Streams;

/// <summary>
/// Exact-match skills that the built-in backbone never saw, several of them on the same inputs with another rule. One comes
/// back, one comes back under another name and one in other words, each after its first visit. A run's seed decides order,
/// samples, and which skills come back.
/// </summary>
/// <param name="samples">Makes ids.</param>
/// <param name="options">Size.</param>
internal sealed class SyntheticStream(SampleCase samples, StreamOptions options)
{
    /// <summary>Name of the stream.</summary>
    public const string Name = "synthetic";

    /// <summary>The skills unless others are asked for.</summary>
    public static IReadOnlyList<string> DefaultSkills { get; } = ["caesar", "reverse", "sort", "vowels", "clock", "date", "units", "dialect"];

    private const int Tries = 2000;
    private static readonly ulong _order = SeededRandom.Key("synthetic order");
    private static readonly ulong _data = SeededRandom.Key("synthetic data");

    // Families that never share a format with those of a stream.
    private static readonly string[] _farFamilies = ["csv-to-json", "brackets", "sql", "roman"];

    /// <summary>The stream of one run.</summary>
    /// <param name="run">The run; 0 is for tuning.</param>
    /// <param name="seed">Seed of all runs.</param>
    public SkillStream Of(int run, ulong seed)
    {
        var random = new SeededRandom(seed, _order, (ulong)run);
        var names = (options.Skills.Count > 0 ? options.Skills : DefaultSkills).ToArray();
        random.Shuffle(names.AsSpan());
        var drawers = names.ToDictionary(name => name, name => new Drawer(SkillCatalog.Get(name), seed, run), StringComparer.Ordinal);
        var tests = names.Select(name => samples.Test(name, drawers[name].Take(options.TestSamples, Wording.Usual), SkillSamples.IsCorrect)).ToList();
        var novelty = options.NoveltyBatches == 0 ? [] : Novelty(drawers, seed, run).ToList();
        var visits = Plan(names, random).Select((visit, index) => Visit(visit, index + 1, drawers[visit.Skill])).ToList();
        return new SkillStream { Name = Name, Run = run, IsExactMatch = true, Visits = visits, Tests = tests, NoveltyBatches = novelty };
    }

    private List<Planned> Plan(string[] names, SeededRandom random)
    {
        var plan = names.Select(name => new Planned(name, name, VisitKind.New, Wording.Usual)).ToList();
        if (!options.Revisits)
        {
            return plan;
        }

        var chosen = random.PickSeveral(names, Math.Min(3, names.Length));
        var wording = random.Pick(Wording.Taught);
        Planned[] later =
        [
            new(chosen[0], chosen[0], VisitKind.Returning, Wording.Usual),
            new(chosen[1 % chosen.Length], $"{chosen[1 % chosen.Length]}-copy", VisitKind.Duplicate, Wording.Usual),
            new(chosen[2 % chosen.Length], $"{chosen[2 % chosen.Length]}-{wording.Name}", VisitKind.Paraphrase, wording),
        ];
        foreach (var visit in later)
        {
            var first = plan.FindIndex(planned => planned.Skill == visit.Skill);
            plan.Insert(random.Between(first + 1, plan.Count), visit);
        }

        return plan;
    }

    private SkillVisit Visit(Planned planned, int stage, Drawer drawer)
    {
        var heldOut = drawer.Take(options.HeldOutSamples, planned.Wording);
        var train = drawer.Again(options.TrainSamples, planned.Wording, stage);
        return new SkillVisit
        {
            Stage = stage,
            TrueSkill = planned.Skill,
            Name = planned.Name,
            Kind = planned.Kind,
            Train = train,
            HeldOut = heldOut,
            TrainTokens = samples.Tokenize(train),
            HeldOutTokens = samples.Tokenize(heldOut),
            TokenBudget = planned.Kind == VisitKind.New ? options.Tokens : options.LaterTokens,
        };
    }

    private IEnumerable<NoveltyBatch> Novelty(Dictionary<string, Drawer> drawers, ulong seed, int run)
    {
        foreach (var family in _farFamilies.Where(name => !drawers.ContainsKey(name)).Select(SkillCatalog.Get))
        {
            foreach (var batch in Batches(NoveltyKind.Far, family.Name, new Drawer(family, seed, run), Wording.Usual))
            {
                yield return batch;
            }
        }

        foreach (var (_, family) in NearFamilies.All.Where(near => drawers.ContainsKey(near.Known)))
        {
            foreach (var batch in Batches(NoveltyKind.Near, family.Name, new Drawer(family, seed, run), Wording.Usual))
            {
                yield return batch;
            }
        }

        foreach (var (name, drawer) in drawers.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            foreach (var batch in Batches(NoveltyKind.Returning, name, drawer, Wording.Usual)
                .Concat(Wording.Untaught.SelectMany(wording => Batches(NoveltyKind.Paraphrase, $"{name}-{wording.Name}", drawer, wording).Take(1))))
            {
                yield return batch;
            }
        }
    }

    private IEnumerable<NoveltyBatch> Batches(NoveltyKind kind, string source, Drawer drawer, Wording wording) =>
        Enumerable.Range(0, options.NoveltyBatches).Select(_ =>
        {
            var batch = drawer.Take(NoveltyBatch.Size, wording);
            return new NoveltyBatch(kind, source, batch, samples.Tokenize(batch));
        });

    private sealed record Planned(string Skill, string Name, VisitKind Kind, Wording Wording);

    /// <summary>Draws inputs of one family for one run. What was taken aside is never drawn again.</summary>
    private sealed class Drawer(ISkillFamily family, ulong seed, int run)
    {
        private readonly HashSet<string> _aside = new(StringComparer.Ordinal);
        private readonly SeededRandom _random = new(seed, _data, SeededRandom.Key(family.Name), (ulong)run);

        /// <summary>Samples for tests and held-out sets: different from each other and from all others taken.</summary>
        public List<Sample> Take(int count, Wording wording)
        {
            var inputs = Inputs(_random, count, _aside);
            _aside.UnionWith(inputs);
            return [.. inputs.Select(input => wording.Of(family, input))];
        }

        /// <summary>Samples to learn from: different from each other and from all that were taken, fewer where the family has no more.</summary>
        public List<Sample> Again(int count, Wording wording, int stage) =>
            [.. Inputs(new SeededRandom(seed, _data, SeededRandom.Key(family.Name), (ulong)run, (ulong)stage), count, _aside).Select(input => wording.Of(family, input))];

        private List<string> Inputs(SeededRandom random, int count, HashSet<string> without)
        {
            var seen = new HashSet<string>(StringComparer.Ordinal);
            var inputs = new List<string>();
            for (var tries = 0; inputs.Count < count && tries < Tries; tries++)
            {
                var input = family.Draw(random);
                if (!without.Contains(input) && seen.Add(input))
                {
                    inputs.Add(input);
                    tries = 0;
                }
            }

            return inputs;
        }
    }
}
