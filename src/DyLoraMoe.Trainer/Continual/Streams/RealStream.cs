using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Data.SkillFamilies;

namespace DyLoraMoe.Trainer.Continual.Streams;

/// <summary>
/// Skills from public data: plain text, maths word problems, Python tasks, and coding instructions by the language they name,
/// as far as a language has enough rows. Only samples that fit one row whole take part. Maths comes back once with rows of its
/// own. Test and held-out rows are the same in all runs, so that nothing tested is ever tuned or trained on; a run's seed decides
/// the order of skills and of samples.
/// </summary>
/// <param name="data">The files.</param>
/// <param name="samples">Makes ids.</param>
/// <param name="options">Size.</param>
internal sealed class RealStream(RealData data, SampleCase samples, StreamOptions options)
{
    /// <summary>Name of the stream.</summary>
    public const string Name = "real";

    // Rows that must be left to learn from beside test, held-out and novelty rows.
    private const int LeastRows = 150;
    private static readonly ulong _split = SeededRandom.Key("real split");
    private static readonly ulong _order = SeededRandom.Key("real order");
    private static readonly string[] _farFamilies = ["csv-to-json", "caesar", "dialect", "date"];

    private readonly Dictionary<string, Rows> _skills = [];
    private readonly List<(string Name, List<Sample> Samples)> _near = [];

    /// <summary>The stream of one run.</summary>
    /// <param name="run">The run; 0 is for tuning.</param>
    /// <param name="seed">Seed of all runs.</param>
    public SkillStream Of(int run, ulong seed)
    {
        Read();
        var random = new SeededRandom(seed, _order, (ulong)run);
        var names = (options.Skills.Count > 0 ? options.Skills : [.. _skills.Keys.Order(StringComparer.Ordinal)]).ToArray();
        if (names.FirstOrDefault(name => !_skills.ContainsKey(name)) is { } unknown)
        {
            throw new ArgumentException($"The real stream has no skill '{unknown}'; it has {string.Join(", ", _skills.Keys.Order(StringComparer.Ordinal))}.");
        }

        random.Shuffle(names.AsSpan());
        var plan = names.Select(name => (Skill: name, Kind: VisitKind.New)).ToList();
        if (options.Revisits && names.Contains(RealData.Maths))
        {
            plan.Insert(random.Between(plan.FindIndex(visit => visit.Skill == RealData.Maths) + 1, plan.Count), (RealData.Maths, VisitKind.Returning));
        }

        return new SkillStream
        {
            Name = Name,
            Run = run,
            IsExactMatch = false,
            Visits = [.. plan.Select((visit, index) => Visit(visit.Skill, visit.Kind, index + 1))],
            Tests = [.. names.Select(name => _skills[name].Test)],
            NoveltyBatches = options.NoveltyBatches == 0 ? [] : [.. Novelty(names, seed, run)],
        };
    }

    private void Read()
    {
        if (_skills.Count > 0)
        {
            return;
        }

        foreach (var (name, all) in data.Read().OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            var fitting = all.Where(sample => samples.Fitting([sample.Usual]).Count == 1).DistinctBy(sample => sample.Usual).ToArray();
            new SeededRandom(_split, SeededRandom.Key(name)).Shuffle(fitting.AsSpan());
            var aside = options.TestSamples + options.HeldOutSamples + NoveltyBatch.Size;
            if (fitting.Length < aside + LeastRows)
            {
                if (fitting.Length >= NoveltyBatch.Size && name.StartsWith("code-", StringComparison.Ordinal))
                {
                    _near.Add((name, [.. fitting.Select(sample => sample.Usual)]));
                }

                continue;
            }

            var (usual, heldOut) = (fitting.Select(sample => sample.Usual).ToArray(), options.TestSamples + options.HeldOutSamples);
            _skills[name] = new Rows(
                samples.Test(name, usual[..options.TestSamples], name == RealData.Maths ? RealData.HasSameResult : null, usual[heldOut..aside], generatesAtEnds: true),
                usual[options.TestSamples..heldOut],
                fitting[heldOut..aside],
                usual[aside..]);
        }
    }

    private SkillVisit Visit(string skill, VisitKind kind, int stage)
    {
        var rows = _skills[skill];
        var train = rows.Train;
        if (options.Revisits && skill == RealData.Maths)
        {
            train = kind == VisitKind.New ? train[..(train.Length / 2)] : train[(train.Length / 2)..];
        }

        train = train[..Math.Min(train.Length, options.TrainSamples)];
        return new SkillVisit
        {
            Stage = stage,
            TrueSkill = skill,
            Name = skill,
            Kind = kind,
            Train = train,
            HeldOut = rows.HeldOut,
            TrainTokens = samples.Tokenize(train),
            HeldOutTokens = samples.Tokenize(rows.HeldOut),
            TokenBudget = kind == VisitKind.New ? options.Tokens : options.LaterTokens,
        };
    }

    private IEnumerable<NoveltyBatch> Novelty(string[] names, ulong seed, int run)
    {
        foreach (var family in _farFamilies.Select(SkillCatalog.Get))
        {
            yield return Batch(NoveltyKind.Far, family.Name, [.. SkillSamples.Generate(family, seed + (ulong)run, NoveltyBatch.Size)]);
        }

        foreach (var (name, rows) in _near)
        {
            yield return Batch(NoveltyKind.Near, name, new SeededRandom(seed, (ulong)run).PickSeveral(rows, NoveltyBatch.Size));
        }

        foreach (var name in names.Order(StringComparer.Ordinal))
        {
            var fresh = _skills[name].Fresh;
            yield return Batch(NoveltyKind.Returning, name, [.. fresh.Select(sample => sample.Usual)]);
            var otherwise = samples.Fitting(fresh.Where(sample => sample.Otherwise is not null).Select(sample => sample.Otherwise!));
            if (otherwise.Count == NoveltyBatch.Size)
            {
                yield return Batch(NoveltyKind.Paraphrase, name, otherwise);
            }
        }
    }

    private NoveltyBatch Batch(NoveltyKind kind, string source, IReadOnlyList<Sample> batch) => new(kind, source, batch, samples.Tokenize(batch));

    private sealed record Rows(SkillTest Test, Sample[] HeldOut, RealSample[] Fresh, Sample[] Train);
}
