using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Jobs;
using DyLoraMoe.Operator.Telemetry;

namespace DyLoraMoe.Operator.Reconciling;

/// <summary>What every controller needs.</summary>
internal sealed record VisitTools(
    ICluster Cluster, JobRunner Jobs, JobSlots Slots, Resync Resync, FailureCounts Failures, OperatorOptions Options, OperatorMetrics Metrics, TimeProvider Clock);
