using DyLoraMoe.Operator.Backbones;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Jobs;
using DyLoraMoe.Operator.Telemetry;
using DyLoraMoe.Operator.Traffic;

namespace DyLoraMoe.Operator.Reconciling;

/// <summary>What every controller needs.</summary>
internal sealed record VisitTools(
    ICluster Cluster, Children Children, JobRunner Jobs, JobSlots Slots, TrafficShares Traffic, Resync Resync, FailureCounts Failures, Appointments Appointments,
    IVisitQueue Queue, OperatorOptions Options, OperatorMetrics Metrics, TimeProvider Clock);
