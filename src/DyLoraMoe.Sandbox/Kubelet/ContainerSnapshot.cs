using k8s.Models;

namespace DyLoraMoe.Sandbox.Kubelet;

/// <summary>What is known of a container at one moment.</summary>
internal sealed record ContainerSnapshot(V1Container Container)
{
    public V1ContainerState State { get; init; } = new() { Waiting = new V1ContainerStateWaiting { Reason = "ContainerCreating" } };

    public V1ContainerState? LastState { get; init; }

    public int Restarts { get; init; }

    /// <summary>Whether its startup probe has passed, or it runs and has none.</summary>
    public bool Started { get; init; }

    public bool Ready { get; init; }

    /// <summary>Whether it has ended and does not start again.</summary>
    public bool Done { get; init; }

    public bool Succeeded => Done && State.Terminated?.ExitCode == 0;

    /// <summary>Where a container stood according to the pod's status.</summary>
    public static ContainerSnapshot Resume(V1Container container, V1ContainerStatus? status) => status is null
        ? new ContainerSnapshot(container)
        : new ContainerSnapshot(container)
        {
            State = status.State ?? new V1ContainerState { Waiting = new V1ContainerStateWaiting { Reason = "ContainerCreating" } },
            LastState = status.LastState,
            Restarts = status.RestartCount,
        };

    public V1ContainerStatus Status(string podUid) => new()
    {
        Name = Container.Name,
        Image = Container.Image,
        ImageID = State.Waiting is null || LastState is not null ? $"sandbox://{Container.Image}" : "",
        ContainerID = State.Waiting is null ? $"sandbox://{podUid}/{Container.Name}/{Restarts}" : null,
        RestartCount = Restarts,
        Ready = Ready,
        Started = Started,
        State = State,
        LastState = LastState,
    };
}
