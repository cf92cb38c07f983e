namespace DyLoraMoe.Operator.Reconciling;

/// <summary>What the phases of a visit share.</summary>
internal abstract class VisitScope
{
    private readonly List<Finding> _findings = [];

    /// <summary>What was found out, each type once.</summary>
    public IReadOnlyList<Finding> Findings => _findings;

    /// <summary>Sets what was found out about an aspect.</summary>
    public void Find(Finding finding)
    {
        _findings.RemoveAll(each => each.Type == finding.Type);
        _findings.Add(finding);
    }
}
