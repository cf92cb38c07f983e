namespace DyLoraMoe.Kubectl.Tests.Running;

/// <summary>What a program left when it ended.</summary>
public sealed record Outcome(int Code, string Output, string Errors)
{
    /// <summary>All that it wrote.</summary>
    public string All => Output + Errors;
}
