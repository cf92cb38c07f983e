namespace DyLoraMoe.Router.Metrics;

/// <summary>Something that is measured.</summary>
internal interface IMetric
{
    /// <summary>Writes it in Prometheus' text format.</summary>
    void WriteTo(TextWriter writer);
}
