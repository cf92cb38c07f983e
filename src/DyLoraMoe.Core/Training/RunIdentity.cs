using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Training.Distillation;
using TorchSharp.Modules;

namespace DyLoraMoe.Core.Training;

/// <summary>What a checkpoint must have in common with the run that goes on from it.</summary>
internal static class RunIdentity
{
    private const int Probes = 64;

    public static JsonObject Of(CausalLanguageModel model, LoraAdapter? adapter, Teacher? teacher, TrainingStep step, TrainingOptions options, string data, string heldOut, JsonObject? gauges) => new()
    {
        ["options"] = JsonSerializer.SerializeToNode(options),
        ["model"] = Shapes(model.named_parameters().Select(pair => (pair.name, pair.parameter))),
        ["backbone weights"] = adapter is null ? null : Content(model),
        ["adapter"] = adapter is null ? null : JsonSerializer.SerializeToNode(adapter.Config),
        ["teacher"] = teacher?.Identity(model),
        ["trained weights"] = Shapes(step.Parameters),
        ["training data"] = data,
        ["held-out data"] = heldOut,
        ["gauges"] = gauges,
    };

    /// <summary>What differs between two identities, one phrase each.</summary>
    public static IEnumerable<string> Differences(JsonNode? saved, JsonNode? own, string path = "")
    {
        if (saved is JsonObject a && own is JsonObject b)
        {
            return a.Select(pair => pair.Key).Union(b.Select(pair => pair.Key))
                .SelectMany(key => Differences(a[key], b[key], path.Length == 0 ? key : $"{path}.{key}"));
        }

        return JsonNode.DeepEquals(saved, own) ? [] : [$"{path} was {Text(saved)}, now {Text(own)}"];
    }

    private static string Text(JsonNode? node) => node?.ToJsonString() ?? "nothing";

    private static string Shapes(IEnumerable<(string Name, Parameter Parameter)> parameters)
    {
        var lines = parameters.Select(pair => $"{pair.Name} {pair.Parameter.dtype} [{string.Join(',', pair.Parameter.shape)}]\n");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(lines))));
    }

    /// <summary>A digest of some values of every weight: tells models apart without reading gigabytes.</summary>
    public static string Content(CausalLanguageModel model) => Content(model.named_parameters().Select(pair => pair.parameter));

    /// <summary>A digest of some values of every weight.</summary>
    public static string Content(IEnumerable<Parameter> parameters)
    {
        using var _ = TorchSharp.torch.no_grad();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var parameter in parameters)
        {
            using var scope = TorchSharp.torch.NewDisposeScope();
            var flat = parameter.detach().reshape(-1);
            var every = Math.Max(1, flat.shape[0] / Probes);
            var probes = flat.slice(0, 0, flat.shape[0], every).to_type(TorchSharp.torch.ScalarType.Float32).cpu().data<float>().ToArray();
            hash.AppendData(MemoryMarshal.AsBytes(probes.AsSpan()));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
