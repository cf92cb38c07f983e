using System.Text.Json;
using DyLoraMoe.Core.Lifecycle;
using DyLoraMoe.Core.Safetensors;
using DyLoraMoe.Trainer.CommandLine;

namespace DyLoraMoe.Trainer.Workspaces;

/// <summary><c>maturity.json</c> beside a router: how mature its experts were when it was fitted, and by what evidence. The next fit goes on from it.</summary>
internal static class MaturityFile
{
    private const string FileName = "maturity.json";

    /// <summary>Writes it.</summary>
    /// <param name="folder">The router's folder.</param>
    /// <param name="maturities">Every expert's maturity.</param>
    public static void Write(string folder, SortedDictionary<string, MaturityState> maturities) => AtomicFile.WriteText(Path.Combine(folder, FileName), JsonText.Of(maturities));

    /// <summary>Reads it; empty for a router that has none.</summary>
    /// <param name="folder">The router's folder.</param>
    public static SortedDictionary<string, MaturityState> Read(string folder)
    {
        var file = Path.Combine(folder, FileName);
        return File.Exists(file)
            ? JsonText.Parse<SortedDictionary<string, MaturityState>>(JsonDocument.Parse(File.ReadAllText(file)).RootElement)
            : new SortedDictionary<string, MaturityState>(StringComparer.Ordinal);
    }
}
