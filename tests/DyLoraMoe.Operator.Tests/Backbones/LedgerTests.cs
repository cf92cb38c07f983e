using DyLoraMoe.Api;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Backbones;
using DyLoraMoe.Operator.Reconciling;
using DyLoraMoe.Operator.Tests.World;
using k8s.Models;

namespace DyLoraMoe.Operator.Tests.Backbones;

/// <summary>A ledger that two processes write, one of which has not seen what the other wrote.</summary>
public sealed class LedgerTests
{
    private readonly FakeServer _server = new(new ManualClock());
    private readonly FakeCluster _here;
    private readonly FakeCluster _there;
    private readonly Backbone _backbone;

    public LedgerTests()
    {
        (_here, _there) = (new(_server, new(0, 0) { AreWatchesLate = true }), new(_server, new(0, 0) { AreWatchesLate = true }));
        _backbone = _server.Create(new Backbone { Metadata = new() { Name = "tiny", NamespaceProperty = "team" } });
    }

    private Ledger Written => ContractJson.Read<Ledger>(_server.Find<V1ConfigMap>("team", ChildNames.Ledger("tiny"))!.Data[Ledger.FileName]);

    [Fact]
    public async Task Nothing_is_lost_that_another_wrote_meanwhile()
    {
        await NoteAsync(_here, "sha256:a");
        _there.Deliver(int.MaxValue);
        await NoteAsync(_there, "sha256:b");

        await NoteAsync(_here, "sha256:c");

        Assert.Equal(["sha256:a", "sha256:b", "sha256:c"], Written.Kept);
    }

    [Fact]
    public async Task Nothing_is_lost_when_two_begin_it()
    {
        await NoteAsync(_here, "sha256:a");
        await NoteAsync(_there, "sha256:b");

        Assert.Equal(["sha256:a", "sha256:b"], Written.Kept);
    }

    [Fact]
    public async Task One_that_somebody_deleted_is_begun_anew()
    {
        await NoteAsync(_here, "sha256:a");
        _server.Delete<V1ConfigMap>("team", ChildNames.Ledger("tiny"));

        await NoteAsync(_here, "sha256:b");

        Assert.Equal(["sha256:b"], Written.Kept);
    }

    private Task NoteAsync(FakeCluster cluster, string digest) => Ledger.NoteAsync(cluster, _backbone, digest, isKept: true, TestContext.Current.CancellationToken);
}
