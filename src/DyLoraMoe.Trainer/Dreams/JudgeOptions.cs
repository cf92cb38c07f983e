using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Trainer.CommandLine;

namespace DyLoraMoe.Trainer.Dreams;

/// <summary>A judge: a model behind an OpenAI-compatible address.</summary>
/// <param name="Address">What <c>chat/completions</c> is below, such as <c>https://judge.example/v1</c>.</param>
/// <param name="Model">The model's name there.</param>
internal sealed record JudgeOptions(Uri Address, string Model)
{
    /// <summary>Sent as a bearer token; null for none. Never part of a message.</summary>
    public string? Key { get; init; }

    /// <summary>The least score with which a dream is kept.</summary>
    public double Least { get; init; } = 0.5;

    /// <summary>How long one answer is waited for. A minute is enough for a large model under load.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Tries after the first, when the judge does not answer, is busy or fails.</summary>
    public int Retries { get; init; } = 4;

    /// <summary>What is waited before the second try; twice as long before each that follows.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait between two tries, also when the judge asks for a longer one.</summary>
    public TimeSpan LongestDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Questions on their way at once.</summary>
    public int Parallel { get; init; } = 4;

    /// <summary>Most characters of a prompt with its answer; a longer dream is not shown to the judge, and refused.</summary>
    public int MostCharacters { get; init; } = 16_384;

    /// <summary>Most tokens of the judge's answer.</summary>
    public int MostTokens { get; init; } = 256;

    /// <summary>Most bytes of a response.</summary>
    public int MostBytes { get; init; } = 1 << 20;

    /// <summary>Where questions go.</summary>
    public Uri Endpoint => new(Address.AbsoluteUri.TrimEnd('/') + "/chat/completions");

    /// <summary>The key in the environment; null for none.</summary>
    /// <param name="variable">Reads a variable.</param>
    public static string? KeyOf(Func<string, string?> variable) => variable(JudgeInput.KeyVariable) is { } key && key.Trim().Length > 0 ? key.Trim() : null;

    /// <summary>A judge from texts.</summary>
    /// <param name="address">The address.</param>
    /// <param name="model">The model's name.</param>
    /// <exception cref="UsageException">The address is none, or has more than a host and a path.</exception>
    public static JudgeOptions Of(string address, string model) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.UserInfo.Length == 0 && uri.Query.Length == 0 && uri.Fragment.Length == 0
            ? model.Length > 0 ? new JudgeOptions(uri, model) : throw new UsageException("The judge's model has no name.")
            : throw new UsageException($"Expected the judge's address as http(s)://HOST[:PORT]/PATH, without a name, a key or a query in it. A key comes from {JudgeInput.KeyVariable}.");
}
