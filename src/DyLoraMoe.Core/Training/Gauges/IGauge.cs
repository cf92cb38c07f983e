namespace DyLoraMoe.Core.Training;

/// <summary>Something about a model under training that must stay within a budget, in nats per token.</summary>
internal interface IGauge
{
    /// <summary>What it measures, as messages name it.</summary>
    string Name { get; }

    /// <summary>The most that it may be.</summary>
    double Budget { get; }

    /// <summary>Measures the weights as they are now; changes nothing.</summary>
    double Measure();
}
