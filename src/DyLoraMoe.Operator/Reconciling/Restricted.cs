using k8s.Models;

namespace DyLoraMoe.Operator.Reconciling;

/// <summary>What the restricted pod security standard asks for, and a root file system that is not written to.</summary>
internal static class Restricted
{
    // The user of the images; given as a number so that volumes can be handed to its group.
    private const long User = 65532;

    public static V1PodSecurityContext Pod() => new()
    {
        RunAsNonRoot = true,
        RunAsUser = User,
        RunAsGroup = User,
        FsGroup = User,
        FsGroupChangePolicy = "OnRootMismatch",
        SeccompProfile = new() { Type = "RuntimeDefault" },
    };

    public static V1SecurityContext Container() => new()
    {
        AllowPrivilegeEscalation = false,
        ReadOnlyRootFilesystem = true,
        Capabilities = new() { Drop = ["ALL"] },
    };
}
