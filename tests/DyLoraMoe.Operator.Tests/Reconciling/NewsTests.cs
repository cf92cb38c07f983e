using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Operator.Reconciling;

namespace DyLoraMoe.Operator.Tests.Reconciling;

public sealed class NewsTests
{
    [Theory]
    [InlineData(ConditionTypes.RegressionChecked, ConditionStatus.False, Reasons.RegressionRefused, true)]
    [InlineData(ConditionTypes.Ready, ConditionStatus.False, Reasons.RegressionRefused, true)]
    [InlineData(ConditionTypes.RolledOut, ConditionStatus.Unknown, Reasons.RollingOut, false)]
    [InlineData(ConditionTypes.Ready, ConditionStatus.Unknown, Reasons.JobRunning, false)]
    [InlineData(ConditionTypes.RouterFitted, ConditionStatus.True, Reasons.RouterFitted, false)]
    [InlineData(ConditionTypes.Mature, ConditionStatus.False, Reasons.EvidenceInsufficient, false)]
    [InlineData(ConditionTypes.DataResolved, ConditionStatus.False, Reasons.EndpointUnreachable, false)]
    [InlineData(ConditionTypes.Stalled, ConditionStatus.True, Reasons.RegressionRefused, false)]
    public void Another_message_is_news_where_it_tells_of_another_refusal_and_not_where_it_tells_how_far_something_is(string type, string status, string reason, bool isNews) =>
        Assert.Equal(isNews, News.IsOne(new() { Type = type, Status = status, Reason = reason, Message = "1 of 2" }, new() { Type = type, Status = status, Reason = reason, Message = "2 of 2" }));

    [Fact]
    public void The_same_is_no_news_and_another_reason_is()
    {
        var old = new Condition { Type = ConditionTypes.Ready, Status = ConditionStatus.Unknown, Reason = Reasons.JobRunning, Message = "It runs." };

        Assert.False(News.IsOne(old, old with { }));
        Assert.True(News.IsOne(old, old with { Reason = Reasons.WaitingForSlot }));
        Assert.True(News.IsOne(null, old));
    }
}
