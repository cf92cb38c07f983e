using System.Globalization;

namespace DyLoraMoe.Sandbox.Hosting;

/// <summary>Reads the program's arguments.</summary>
internal static class CommandLine
{
    /// <summary>How to call the program.</summary>
    public const string Usage = """
        usage: dylora-sandbox --data DIR [options]

        A cluster for one machine: the Kubernetes API on loopback, with controllers and a kubelet that runs pods as processes.
        Prints the path of its kubeconfig when it answers.

          --data DIR           the folder of all state
          --kubeconfig FILE    where to write the kubeconfig (default DIR/kubeconfig)
          --port N             the port on 127.0.0.1 (default: that of last time, or a free one)
          --manifests PATH     a file or folder to apply at the start; may come again
          --image NAME=DIR     the folder of programs that stands for a container image; may come again
          --gpus N             how many GPUs the node offers (default 0)
          --access-log FILE    add a line of JSON for every right that a caller other than the administrator needed
          --no-agents          serve the API alone, without controllers and kubelet

        DYLORA_SANDBOX_IMAGES holds more images as NAME=DIR[,NAME=DIR...], which come after those of --image.
        """;

    /// <summary>The options, or null when help was asked for.</summary>
    /// <param name="arguments">The arguments.</param>
    /// <param name="moreImages">What <c>DYLORA_SANDBOX_IMAGES</c> holds.</param>
    /// <exception cref="FormatException">The arguments make no sense.</exception>
    public static SandboxOptions? Parse(IReadOnlyList<string> arguments, string? moreImages = null)
    {
        string? data = null, kubeconfig = null, accessLog = null;
        int port = 0, gpus = 0;
        bool agents = true;
        List<string> manifests = [], images = [];
        for (int at = 0; at < arguments.Count; at++)
        {
            string name = arguments[at], value = "";
            if (name.IndexOf('=', StringComparison.Ordinal) is > 0 and int equals && name.StartsWith("--", StringComparison.Ordinal))
            {
                (name, value) = (name[..equals], name[(equals + 1)..]);
            }
            else if (name is not ("--no-agents" or "--help" or "-h"))
            {
                value = ++at < arguments.Count ? arguments[at] : throw new FormatException($"expected a value after {name}");
            }

            switch (name)
            {
                case "--data":
                    data = value;
                    break;
                case "--kubeconfig":
                    kubeconfig = value;
                    break;
                case "--port":
                    port = Number(name, value);
                    break;
                case "--gpus":
                    gpus = Number(name, value);
                    break;
                case "--manifests":
                    manifests.Add(value);
                    break;
                case "--image":
                    images.Add(value);
                    break;
                case "--access-log":
                    accessLog = value;
                    break;
                case "--no-agents":
                    agents = false;
                    break;
                case "--help" or "-h":
                    return null;
                default:
                    throw new FormatException($"unknown option {name}");
            }
        }

        return new SandboxOptions
        {
            DataFolder = data ?? throw new FormatException("expected --data DIR"),
            Kubeconfig = kubeconfig,
            Port = port,
            Gpus = gpus,
            AccessLog = accessLog,
            Manifests = manifests,
            Images = [.. images, .. (moreImages ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)],
            Agents = agents,
        };
    }

    private static int Number(string name, string value) => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
        ? number : throw new FormatException($"expected a number after {name}, found '{value}'");
}
