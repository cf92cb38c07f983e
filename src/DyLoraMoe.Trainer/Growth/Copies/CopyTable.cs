using System.Globalization;
using System.Text.Json.Nodes;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Training.Distillation;
using DyLoraMoe.Trainer.CommandLine;

namespace DyLoraMoe.Trainer.Growth.Copies;

/// <summary>One state of a copy beside the model that it comes from or learns from.</summary>
/// <param name="Name">Which state.</param>
/// <param name="Parameters">Its weights.</param>
/// <param name="Loss">Nats per token of held-out text.</param>
/// <param name="Divergence">KL(teacher || copy) in nats per token of the same text.</param>
internal sealed record CopyMeasure(string Name, long Parameters, double Loss, double Divergence);

/// <summary>How good a copy is, state by state, on text that nothing was learnt from.</summary>
/// <param name="teacher">The model.</param>
/// <param name="text">The judge.</param>
internal sealed class CopyTable(CausalLanguageModel teacher, EvaluationSet text)
{
    private readonly List<CopyMeasure> _rows = [];

    /// <summary>Measures a state.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="model">The model as it is now.</param>
    public void Add(string name, CausalLanguageModel model) => _rows.Add(new CopyMeasure(
        name,
        model.parameters().Sum(parameter => parameter.numel()),
        new LanguageModelEvaluator(model).Evaluate(text).Loss,
        ReferenceEquals(model, teacher) ? 0 : DivergenceGauge.Measure(teacher, model, text)));

    /// <summary>Prints the table for people, or begins a report for programs with it.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="json">Whether programs read it.</param>
    /// <param name="isReal">Whether it was measured on data, and not on what the teacher makes up.</param>
    public Report Begin(TextWriter output, bool json, bool isReal)
    {
        if (json)
        {
            return new Report().Add("measures", ToJson());
        }

        WriteTo(output);
        output.WriteLine(isReal ? "" : "measured on texts that the model makes up; --data FILE measures on real ones\n");
        return new Report();
    }

    /// <summary>The table for programs.</summary>
    public JsonArray ToJson() => new([.. _rows.Select(row => (JsonNode?)new JsonObject
    {
        ["state"] = row.Name,
        ["parameters"] = row.Parameters,
        ["nats_per_token"] = row.Loss,
        ["divergence"] = row.Divergence,
        ["lost_per_million_saved"] = LostPerMillion(row),
    })]);

    private void WriteTo(TextWriter output)
    {
        var table = new Table("", "parameters", "nats/token", "lost", "from the teacher", "lost per million saved");
        foreach (var row in _rows)
        {
            table.Add(
                row.Name,
                Report.Count(row.Parameters),
                Table.Number(row.Loss, 4),
                (row.Loss - _rows[0].Loss).ToString("+0.0000;-0.0000;0.0000", CultureInfo.InvariantCulture),
                Table.Number(row.Divergence, 4),
                LostPerMillion(row) is { } lost ? Table.Number(lost, 4) : "");
        }

        table.WriteTo(output);
    }

    private double? LostPerMillion(CopyMeasure row) => row.Parameters < _rows[0].Parameters ? (row.Loss - _rows[0].Loss) * 1e6 / (_rows[0].Parameters - row.Parameters) : null;
}
