using DyLoraMoe.Operator.Hosting;
using k8s.LeaderElection;

namespace DyLoraMoe.Operator.Tests.Hosting;

public sealed class LeadershipTests
{
    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(30);

    [Fact]
    public void A_process_without_an_election_leads()
    {
        using var leadership = new Leadership(null);

        Assert.True(leadership.Leads);
    }

    [Fact]
    public async Task A_replica_that_could_not_renew_leads_no_more_although_its_elector_still_says_so()
    {
        var lease = new FailingLease();
        using var elector = new LeaderElector(new(lease) { LeaseDuration = TimeSpan.FromSeconds(1), RenewDeadline = TimeSpan.FromMilliseconds(200), RetryPeriod = TimeSpan.FromMilliseconds(20) });
        using var leadership = new Leadership(elector);
        var began = new TaskCompletionSource<CancellationToken>(TaskCreationOptions.RunContinuationsAsynchronously);
        elector.OnStartedLeading += () => began.SetResult(leadership.Term);
        Assert.False(leadership.Leads);

        var round = elector.RunUntilLeadershipLostAsync(TestContext.Current.CancellationToken);
        var term = await began.Task.WaitAsync(_longest, TestContext.Current.CancellationToken);
        Assert.True(leadership.Leads);
        lease.Fails = true;
        await round.WaitAsync(_longest, TestContext.Current.CancellationToken);

        Assert.Equal((true, false, true), (elector.IsLeader(), leadership.Leads, term.IsCancellationRequested));
    }

    /// <summary>A lease that can be taken, and at some time no more be renewed.</summary>
    private sealed class FailingLease : ILock
    {
        private LeaderElectionRecord? _record;

        public bool Fails { get; set; }

        public string Identity => "me";

        public Task<LeaderElectionRecord> GetAsync(CancellationToken cancellationToken = default) => Task.FromResult(_record!);

        public Task<bool> CreateAsync(LeaderElectionRecord record, CancellationToken cancellationToken = default)
        {
            _record = record;
            return Task.FromResult(true);
        }

        public Task<bool> UpdateAsync(LeaderElectionRecord record, CancellationToken cancellationToken = default) => Task.FromResult(!Fails);

        public string Describe() => "lease";
    }
}
