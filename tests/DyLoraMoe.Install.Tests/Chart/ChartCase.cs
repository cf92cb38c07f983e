namespace DyLoraMoe.Install.Tests.Chart;

/// <summary>One set of values.</summary>
/// <param name="Name">What it is about.</param>
internal sealed record ChartCase(string Name)
{
    public string Release { get; init; } = "dylora";

    public string Namespace { get; init; } = "dylora-system";

    /// <summary>The folder of the chart.</summary>
    public string Chart { get; init; } = Renderer.ChartFolder;

    /// <summary>A file of values.</summary>
    public string Yaml { get; init; } = "";

    /// <summary>Values as of <c>--set</c>.</summary>
    public string[] Set { get; init; } = [];

    /// <summary>Whether the cluster has the definitions already.</summary>
    public bool KnowsBackbones { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
