using System.Text.Json;
using DyLoraMoe.Core.Safetensors;
using DyLoraMoe.Core.Training;

namespace DyLoraMoe.Core.Lifecycle;

/// <summary>
/// Watches seeding for the moment at which rank is what holds it back: a plateau with much of the loss left. While the loss still
/// falls, time is what is missing, and more rank would only cost some. The decision is kept beside the run's checkpoints, so that a
/// run which goes on decides what it decided before.
/// </summary>
internal sealed class RankLimit(RankPolicy policy, int rank, double backboneLoss, CancellationTokenSource end, string? folder) : IProgress<TrainingProgress>
{
    private readonly string? _file = folder is null ? null : Path.Combine(folder, "rank.json");

    /// <summary>The decision at the plateau; null while there was none.</summary>
    public RankDecision? Decision { get; private set; }

    /// <inheritdoc/>
    public void Report(TrainingProgress value)
    {
        if (value is { Kind: ProgressKind.PhaseChanged, IsPlateau: true, BestLoss: { } best })
        {
            // By held-out data alone: the training loss is smoothed over reports, and a run that was interrupted reported at other steps.
            Decision = policy.AfterSeeding(rank, backboneLoss, best);
            if (_file is not null)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(_file)!);
                AtomicFile.WriteText(_file, JsonSerializer.Serialize(Decision));
            }
        }
        else if (value is { Kind: ProgressKind.Resumed, Phase: TrainingPhase.Consolidation } && _file is not null && File.Exists(_file))
        {
            Decision = JsonSerializer.Deserialize<RankDecision>(File.ReadAllText(_file));
        }
        else
        {
            return;
        }

        if (Decision!.Rank > rank)
        {
            end.Cancel();
        }
    }
}
