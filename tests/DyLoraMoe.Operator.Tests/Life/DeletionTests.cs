using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Backbones;
using DyLoraMoe.Operator.Sets;
using DyLoraMoe.Operator.Tests.World;
using k8s.Models;

namespace DyLoraMoe.Operator.Tests.Life;

/// <summary>What is deleted while its Backbone lives goes from the store, soon and without anybody's help.</summary>
public sealed class DeletionTests : IDisposable
{
    private readonly OperatorWorld _world = new();

    [Fact]
    public async Task No_old_set_keeps_what_was_deleted()
    {
        await LearnAsync("reverse", "sum");
        var (weights, dataset) = (Weights("sum"), Dataset("sum"));

        Delete("sum");
        await _world.SettleAsync(looksAgain: false);

        Assert.All([weights, dataset], digest => Assert.Contains(Collections, collect => collect.Released.Contains(digest)));
        Assert.All(Collections, collect => Assert.Empty(collect.Released.Intersect(collect.Experts.Concat(collect.Datasets))));
        Assert.Empty(Ledger.Released);
        Assert.Null(_world.Backbone.Status.PreviousRevision);
        Assert.DoesNotContain(_world.Cluster.Sets(_world.Backbone), set => set.Find("sum") is not null);
    }

    [Fact]
    public async Task What_is_retained_keeps_its_sets()
    {
        _world.Apply();
        _world.Learn("reverse");
        _world.Learn("sum");
        await _world.SettleAsync();

        Delete("sum");
        await _world.SettleAsync(looksAgain: false);

        Assert.NotNull(_world.Backbone.Status.PreviousRevision);
        Assert.Empty(Collections);
    }

    [Fact]
    public async Task What_could_not_go_yet_stays_written_down_and_goes_once_it_can()
    {
        await LearnAsync("reverse", "sum");
        var weights = Weights("sum");
        _world.JobsEnd = false;
        _world.Learn("slow");
        await _world.SettleAsync(looksAgain: false);
        _world.JobsEnd = true;
        _world.Work.Leaves = collect => collect.Released.Count;
        _world.Learn("slow", change: spec => spec.Suspend = true);
        Delete("sum");
        await _world.SettleAsync(looksAgain: false);
        Assert.Contains(weights, Ledger.Released);

        var before = Collections.Count();
        await _world.SettleAsync();
        Assert.Equal(before, Collections.Count());

        _world.Work.Leaves = _ => 0;
        _world.Learn("slow");
        await _world.SettleAsync();
        Assert.Contains(Collections.Skip(before), collect => collect.Released.Contains(weights));
        Assert.Empty(Ledger.Released);
    }

    [Fact]
    public async Task What_a_job_held_goes_once_that_has_failed()
    {
        await LearnAsync("reverse", "sum");
        var weights = Weights("sum");
        _world.JobsEnd = false;
        _world.Learn("slow", "bad");
        await _world.SettleAsync(looksAgain: false);
        _world.JobsEnd = true;
        _world.Work.Leaves = collect => collect.Released.Count;
        _world.Learn("slow", "bad", spec => spec.Suspend = true);
        Delete("sum");
        await _world.SettleAsync();
        Assert.Contains(weights, Ledger.Released);

        _world.Work.Leaves = _ => 0;
        _world.Learn("slow", "bad");
        await _world.SettleAsync();
        Assert.Empty(Ledger.Released);
    }

    [Fact]
    public async Task What_stays_although_no_job_holds_it_is_tried_again()
    {
        await LearnAsync("reverse", "sum");
        _world.Work.Leaves = collect => collect.Released.Count;
        Delete("sum");
        await _world.SettleAsync(looksAgain: false);
        Assert.NotEmpty(Ledger.Released);

        _world.Work.Leaves = _ => 0;
        await _world.SettleAsync();
        Assert.Empty(Ledger.Released);
    }

    [Fact]
    public async Task A_collection_that_fails_is_tried_again_every_ten_minutes_and_no_sooner()
    {
        await LearnAsync("reverse", "sum");
        _world.Work.Trouble = request => request.Kind == JobKind.Collect ? (Reasons.InvalidInput, "The store has no such folder.") : null;
        Delete("sum");
        await _world.SettleAsync(looksAgain: false);
        var before = Collections.Count();

        for (var tries = 0; tries < 3; tries++)
        {
            await LookAfterAsync(TimeSpan.FromMinutes(9));
            Assert.Equal(before + tries, Collections.Count());
            await LookAfterAsync(TimeSpan.FromMinutes(1));
            Assert.Equal(before + tries + 1, Collections.Count());
        }

        Assert.NotEmpty(Ledger.Released);
        _world.Work.Trouble = _ => null;
        await _world.SettleAsync();
        Assert.Empty(Ledger.Released);
    }

    [Fact]
    public async Task What_is_deleted_a_second_time_is_removed_a_second_time()
    {
        await LearnAsync("reverse");
        for (var times = 1; times <= 2; times++)
        {
            _world.Learn("same", "covered-by reverse", spec => spec.DeletionPolicy = DeletionPolicies.Delete);
            await _world.SettleAsync();
            var dataset = Dataset("same");

            Delete("same");
            await _world.SettleAsync(looksAgain: false);
            Assert.Equal(times, Collections.Count(collect => collect.Released.Contains(dataset)));
            Assert.Empty(Ledger.Released);
        }
    }

    [Fact]
    public async Task What_is_released_again_while_a_job_removes_it_is_removed_again()
    {
        await LearnAsync("reverse", "sum");
        var dataset = Dataset("sum");
        Delete("sum");
        await _world.SettleAsync(looksAgain: false);
        _world.JobsEnd = false;
        await Ledger.NoteAsync(_world.Cluster, _world.Backbone, dataset, isKept: false, TestContext.Current.CancellationToken);
        await LookAfterAsync(TimeSpan.FromMinutes(1));
        var before = Collections.Count();

        await Ledger.NoteAsync(_world.Cluster, _world.Backbone, dataset, isKept: false, TestContext.Current.CancellationToken);
        _world.JobsEnd = true;
        await _world.SettleAsync(looksAgain: false);

        Assert.Equal(2, Collections.Skip(before).Count(collect => collect.Released.Contains(dataset)));
        Assert.Empty(Ledger.Released);
    }

    [Fact]
    public async Task Data_that_an_expert_of_others_has_learnt_go_when_that_has_gone()
    {
        await LearnAsync("reverse");
        _world.Learn("words", "extends reverse", spec => spec.DeletionPolicy = DeletionPolicies.Delete);
        await _world.SettleAsync();
        var dataset = Dataset("words");

        Delete("words");
        await _world.SettleAsync();
        Assert.Equal([dataset], Ledger.Released);
        Assert.DoesNotContain(Collections, collect => collect.Released.Contains(dataset));

        Delete("reverse");
        await _world.SettleAsync(looksAgain: false);
        Assert.Contains(Collections, collect => collect.Released.Contains(dataset));
        Assert.Empty(Ledger.Released);
    }

    public void Dispose() => _world.Dispose();

    private IEnumerable<CollectInput> Collections => _world.Work.Requests.Where(request => request.Kind == JobKind.Collect).Select(request => request.Collect!);

    private Ledger Ledger => Ledger.Of(_world.Cluster, _world.Backbone);

    private string Weights(string name) => _world.Expert(name).Status.Artifact!.Digest!;

    private string Dataset(string name) => _world.Skill(name).Status.Dataset!.Digest!;

    private void Delete(string skill) => _world.Server.Delete<Skill>(OperatorWorld.Namespace, skill);

    // A process that begins looks at everything.
    private Task LookAfterAsync(TimeSpan time)
    {
        _world.Clock.Advance(time);
        _world.Restart();
        return _world.SettleAsync(looksAgain: false);
    }

    private async Task LearnAsync(params string[] names)
    {
        _world.Apply();
        foreach (var name in names)
        {
            _world.Learn(name, change: spec => spec.DeletionPolicy = DeletionPolicies.Delete);
            await _world.SettleAsync();
        }
    }
}
