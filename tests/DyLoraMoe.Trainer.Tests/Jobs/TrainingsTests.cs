using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Artifacts;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Testing;
using DyLoraMoe.Trainer.Jobs;
using DyLoraMoe.Trainer.Workspaces;

namespace DyLoraMoe.Trainer.Tests.Jobs;

public sealed class TrainingsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _notes = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_training_that_diverges_is_wrong_input_also_where_it_begins_afresh()
    {
        using var place = StorePlace.Open(_folder["store"], _folder["cache"], _ => null);
        using var job = LocalJobFolder.Take(place.Folder, "train", _notes.Add, TimeProvider.System, TestContext.Current.CancellationToken);
        var tries = 0;

        var error = Assert.Throws<InvalidInputException>(() => Trainings.Do(ContextOf(place, job), () =>
            throw (++tries == 1 ? new CheckpointMismatchException("training", ["the recipe"]) : new TrainingDivergedException(7, "The loss"))));

        Assert.Contains("Lower the rates", error.Message, StringComparison.Ordinal);
        Assert.Equal(2, tries);
        Assert.Contains("afresh", Assert.Single(_notes), StringComparison.Ordinal);
    }

    private JobContext ContextOf(StorePlace place, LocalJobFolder job) => new()
    {
        Arguments = new("train", "", place.Folder, "", null, null),
        Request = new() { Kind = JobKind.Train, Backbone = new("tiny", null, "auto") },
        Store = place.Artifacts(),
        Derived = place.Derived(_notes.Add),
        Source = new(""),
        Job = job,
        Journal = new RunJournal(Path.Combine(job.Path, "phases")),
        Work = _folder["work"],
        Device = "cpu",
        Say = _notes.Add,
    };
}
