using System.Globalization;
using DyLoraMoe.Core.Compute;
using static TorchSharp.torch;

namespace DyLoraMoe.Benchmarks;

/// <summary>The command line: a command, then <c>--name value</c> or <c>--name</c>.</summary>
internal sealed class Settings
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    private Settings(string command) => Command = command;

    public string Command { get; }

    /// <summary>Threads of libtorch and BLAS, the same for every process that is compared.</summary>
    public int Threads => Number("threads", Environment.ProcessorCount);

    /// <summary>Where models compute: <c>--device</c>, the CPU when it is not given.</summary>
    public Device Device => ComputePlace.DeviceOf(DeviceName);

    public string DeviceName => Text("device", "cpu");

    /// <summary>The interpreter whose PyTorch is compared with: <c>--python</c>, the system's when it is not given.</summary>
    public string Python => Text("python", "/usr/bin/python3");

    public static Settings Parse(string[] args)
    {
        var settings = new Settings(args is [var command, ..] ? command : "");
        for (var i = 1; i < args.Length; i++)
        {
            var name = args[i].TrimStart('-');
            settings._values[name] = i + 1 < args.Length && !args[i + 1].StartsWith("--", StringComparison.Ordinal) ? args[++i] : "";
        }

        return settings;
    }

    /// <summary>Names of the options that were given.</summary>
    public IReadOnlyCollection<string> Names => _values.Keys;

    public bool Has(string name) => _values.ContainsKey(name);

    public int Number(string name, int otherwise) =>
        _values.TryGetValue(name, out var text) ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    public string Text(string name, string otherwise) => _values.GetValueOrDefault(name, otherwise);

    public string Text(string name) =>
        _values.TryGetValue(name, out var text) ? text : throw new ArgumentException($"'{Command}' needs --{name}.");
}
