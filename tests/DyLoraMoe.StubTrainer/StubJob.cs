using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using DyLoraMoe.Api;
using DyLoraMoe.Api.Jobs;

namespace DyLoraMoe.StubTrainer;

/// <summary>Answers a request. Everything it says follows from the request and the data alone, so a repeated job says the same.</summary>
internal sealed class StubJob(Arguments arguments, CancellationToken stop)
{
    private readonly JobRequest _request = ContractJson.Read<JobRequest>(File.ReadAllText(arguments.Request));

    public JobResult Run() => _request.Kind switch
    {
        JobKind.Prepare => Done() with { Prepare = new PrepareResult(_request.Backbone.Digest ?? Digest("backbone", _request.Backbone.Name), "StubForCausalLM", 1000, 256) },
        JobKind.Assess => Assess(_request.Assess!),
        JobKind.Train => Train(_request.Train!),
        JobKind.Consolidate => Consolidate(_request.Consolidate!),
        JobKind.Grow => Grow(_request.Grow!),
        JobKind.Migrate => Migrate(_request.Migrate!),
        JobKind.Import => Import(_request.Import!),
        JobKind.FitRouter => FitRouter(_request.FitRouter!),
        JobKind.Check => Check(_request.Check!.Candidate),
        JobKind.Collect => Done() with { Collect = new CollectResult(0, 0) },
        _ => throw new InvalidDataException($"Unknown kind {_request.Kind}."),
    };

    private JobResult Assess(AssessInput input)
    {
        var text = ReadData();
        var directives = Directives.Of(text);
        if (directives.Find("invalid") is not null)
        {
            return Done() with { Outcome = JobOutcome.InvalidInput, Reason = "DataInvalid", Message = "The data say so." };
        }

        TakeTime(directives);
        var dataset = Digest("dataset", text);
        directives.Publish(arguments.Store, dataset);
        var samples = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Count(line => !line.StartsWith("stub:", StringComparison.Ordinal));
        var (decision, expert) = Decide(input, directives);
        return Done() with
        {
            Reason = decision,
            Message = $"Decided by the stub: {decision}.",
            Assess = new AssessResult
            {
                Dataset = dataset,
                Samples = samples,
                HeldOut = samples / 5,
                Tokens = 10L * samples,
                Decision = decision,
                Expert = expert,
                NearestExpert = expert ?? _request.Skills.Select(skill => skill.Expert).FirstOrDefault(),
                NearestSkill = _request.Skills.Select(skill => skill.Name).FirstOrDefault(),
                PValue = decision == "Novel" ? 0.001 : 0.5,
                Signals = new SortedDictionary<string, double>(StringComparer.Ordinal) { ["cosine"] = 0.01, ["entropy"] = 0.02, ["gradient"] = 0.03, ["likelihood"] = 0.04 },
            },
        };
    }

    private static (string Decision, string? Expert) Decide(AssessInput input, Directives directives) => input.Novelty switch
    {
        "Novel" => ("Novel", null),
        "Auto" when directives.Find("insufficient") is not null => ("InsufficientData", null),
        "Auto" when directives.Find("covered-by") is { } covering => ("Covered", covering),
        "Auto" when directives.Find("extends") is { } extended => ("Extends", extended),
        "Auto" => ("Novel", null),
        _ => ("Extends", input.Expert),
    };

    private JobResult Train(TrainInput input)
    {
        var directives = Directives.Joined([
            .. input.Learn.Select(skill => Directives.Read(arguments.Store, skill.Dataset)),
            .. input.From is { } from ? [Directives.Read(arguments.Store, from.Digest)] : Array.Empty<Directives>(),
        ]);
        FailAsAsked(directives);
        TakeTime(directives);
        var version = input.Version ?? (input.From?.Version ?? 0) + 1;
        var digest = Digest("expert", input.Expert, input.From?.Digest ?? "", string.Create(CultureInfo.InvariantCulture, $"{version}"), string.Join(',', input.Learn.Select(skill => skill.Dataset)));
        directives.Publish(arguments.Store, digest);
        return Done() with
        {
            Train = new TrainResult
            {
                Expert = digest,
                Version = version,
                SizeBytes = 1234,
                Mode = input.Lora.Mode == "Full" ? "Full" : "Activated",
                Rank = input.Lora.Rank ?? 8,
                BackboneLoss = 2.0,
                ExpertLoss = 0.5,
                HeldOut = 20,
                Samples = 80,
                Tokens = 1000,
            },
        };
    }

    private JobResult Consolidate(ConsolidateInput input)
    {
        var directives = Directives.Joined(input.Skills.Select(skill => Directives.Read(arguments.Store, skill.Dataset)));
        TakeTime(directives);
        if (directives.Find("rests") is not null)
        {
            return Done() with { Reason = "NothingImproved", Message = "The stub rests.", Consolidate = new ConsolidateResult { LossBefore = 0.5, LossAfter = 0.5 } };
        }

        var digest = Digest("night", input.From.Name, input.From.Digest, input.Run.ToString(CultureInfo.InvariantCulture));
        Directives.Joined([Directives.Read(arguments.Store, input.From.Digest), Directives.Of(directives.Find("nights-regress") is { } skill ? $"stub: regresses {skill}" : "")]).Publish(arguments.Store, digest);
        return Done() with
        {
            Consolidate = new ConsolidateResult { LossBefore = 0.5, LossAfter = 0.4 },
            Train = new TrainResult { Expert = digest, Version = input.From.Version + 1, SizeBytes = 1234, Mode = input.From.Mode, Rank = input.From.Rank, BackboneLoss = 2.0, ExpertLoss = 0.4, HeldOut = 20, Samples = 80, Tokens = 1000 },
        };
    }

    private JobResult Grow(GrowInput input)
    {
        var plan = ContractJson.Write(input);
        return Done() with
        {
            Reason = input.Relearn is null ? "NothingToRelearn" : "RelearningComplete",
            Message = "It differs by 0 nats per token.",
            Grow = new GrowResult
            {
                IsAccepted = true,
                Digest = Digest("grown", _request.Backbone.Digest ?? "", plan),
                Artifact = Digest("grown artifact", _request.Backbone.Digest ?? "", plan),
                SizeBytes = 5000,
                Steps = ["grown by the stub"],
                ParametersBefore = 1000,
                ParametersAfter = 1250,
                Divergence = 0,
                DivergenceBefore = 0,
            },
        };
    }

    private JobResult Migrate(MigrateInput input)
    {
        var directives = Directives.Read(arguments.Store, input.From.Digest);
        TakeTime(directives);
        var digest = Digest("migrated", input.From.Name, input.From.Digest, _request.Backbone.Digest ?? "");
        directives.Publish(arguments.Store, digest);
        return Done() with
        {
            Train = new TrainResult { Expert = digest, Version = input.From.Version + 1, SizeBytes = 1234, Mode = input.From.Mode, Rank = input.From.Rank, BackboneLoss = 2.0, ExpertLoss = 0.5, HeldOut = 20, Samples = 80, Tokens = 1000 },
        };
    }

    private JobResult Import(ImportInput input)
    {
        var digest = Digest("import", input.Expert, ReadData());
        Directives.Of("").Publish(arguments.Store, digest);
        return Done() with { Train = new TrainResult { Expert = digest, Version = input.Version, SizeBytes = 1234, Mode = "Full", Rank = 8 } };
    }

    private JobResult FitRouter(FitRouterInput input)
    {
        TakeTime(Of(input.Experts.Select(expert => expert.Digest)));
        var maturities = new SortedDictionary<string, ExpertMaturity>(StringComparer.Ordinal);
        foreach (var expert in input.Experts)
        {
            var isImmature = Directives.Read(arguments.Store, expert.Digest).Find("immature") is not null;
            var maturity = isImmature ? new ExpertMaturity(40, false, 0.44, "samples") : new ExpertMaturity(100, true, 1, null);
            if (maturity.Percent != expert.MaturityPercent)
            {
                maturities[expert.Name] = maturity;
            }
        }

        return Done() with
        {
            FitRouter = new FitRouterResult
            {
                Router = Digest("router", string.Join(',', input.Experts.Select(expert => expert.Name + expert.Digest))),
                Mode = input.Experts.Any(expert => Directives.Read(arguments.Store, expert.Digest).Find("immature") is not null) ? "Dense" : "Sparse",
                AccuracyPercent = 99,
                Experts = maturities,
            },
        };
    }

    private JobResult Check(SetRevision candidate)
    {
        TakeTime(Of(candidate.Experts.Select(expert => expert.Digest)));
        var active = _request.ActiveSet?.Experts.Select(expert => expert.Digest).ToHashSet(StringComparer.Ordinal) ?? [];
        var worse = candidate.Experts
            .Where(expert => !active.Contains(expert.Digest))
            .SelectMany(expert => Directives.Read(arguments.Store, expert.Digest).All("regresses"))
            .Where(skill => _request.Skills.Any(known => known.Name == skill))
            .Distinct(StringComparer.Ordinal)
            .ToList();
        return Done() with
        {
            Reason = worse.Count == 0 ? "WithinBudget" : "RegressionRefused",
            Check = new CheckResult { IsAccepted = worse.Count == 0, Skills = _request.Skills.Count, Worst = [.. worse.Select(skill => new SkillDelta(skill, 0.5, 0.9, 0.01))] },
        };
    }

    private Directives Of(IEnumerable<string> digests) => Directives.Joined(digests.Select(digest => Directives.Read(arguments.Store, digest)));

    private void FailAsAsked(Directives directives)
    {
        if (directives.Find("fails") is { } count)
        {
            var folder = CheckpointFolder();
            var tries = Directory.GetFiles(folder, "try-*").Length;
            if (tries < int.Parse(count, CultureInfo.InvariantCulture))
            {
                File.WriteAllText(Path.Combine(folder, $"try-{tries}"), "");
                throw new IOException($"Try {tries + 1} fails, as the data ask for.");
            }
        }
    }

    /// <summary>Takes the seconds that <c>takes</c> asks a training for, or those of <c>slow KIND SECONDS</c>, three when it says none, where that names this kind of job.</summary>
    private void TakeTime(Directives directives)
    {
        var slow = directives.All("slow").Select(each => each.Split(' ')).FirstOrDefault(each => each[0].Equals(_request.Kind.ToString(), StringComparison.OrdinalIgnoreCase));
        var seconds = slow is not null ? slow.ElementAtOrDefault(1) ?? "3" : _request.Kind == JobKind.Train ? directives.Find("takes") : null;
        if (seconds is null)
        {
            return;
        }

        var file = Path.Combine(CheckpointFolder(), "progress");
        var before = File.Exists(file) ? TimeSpan.Parse(File.ReadAllText(file), CultureInfo.InvariantCulture) : TimeSpan.Zero;
        var left = TimeSpan.FromSeconds(double.Parse(seconds, CultureInfo.InvariantCulture)) - before;
        var start = TimeProvider.System.GetTimestamp();
        if (left > TimeSpan.Zero && stop.WaitHandle.WaitOne(left))
        {
            // A pod that is killed while it writes leaves none, or the one before.
            File.WriteAllText(file + ".new", (before + TimeProvider.System.GetElapsedTime(start)).ToString("c", CultureInfo.InvariantCulture));
            File.Move(file + ".new", file, overwrite: true);
            throw new OperationCanceledException();
        }
    }

    private string CheckpointFolder() => Directory.CreateDirectory(Path.Combine(arguments.Store, "checkpoints", arguments.Name)).FullName;

    private string ReadData()
    {
        var path = arguments.Data ?? throw new InvalidDataException("There is no --data.");
        return Directory.Exists(path) ? string.Concat(Directory.GetFiles(path).Order(StringComparer.Ordinal).Select(File.ReadAllText)) : File.ReadAllText(path);
    }

    private JobResult Done() => new() { Kind = _request.Kind, Outcome = JobOutcome.Succeeded };

    private static string Digest(params string[] parts) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', parts))));
}
