using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;

namespace DyLoraMoe.Testing;

/// <summary>A server of <c>tests/s3server</c> on a port of its own. Installed once, from its lock file, when a test first asks for one.</summary>
public sealed class S3Server : IDisposable
{
    /// <summary>The access key and the secret key that it knows.</summary>
    public const string Key = "S3RVER";

    private const string Credentials = "TEST";

    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(3);

    private readonly TemporaryFolder _folder = new();
    private readonly Process _process;

    private S3Server(string program, string[] buckets)
    {
        _process = Process.Start(new ProcessStartInfo("node", [program, _folder["objects"], .. buckets]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        var line = _process.StandardOutput.ReadLineAsync().WaitAsync(_patience).GetAwaiter().GetResult();
        Address = new Uri(line ?? throw new InvalidOperationException("The S3 server ended before it said where it listens."));
    }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>Starts one.</summary>
    /// <param name="buckets">The buckets that it has.</param>
    public static S3Server Start(params string[] buckets) => new(Path.Combine(Installed(), "server.js"), buckets);

    /// <summary>Reads the variables that <see cref="Location"/> refers to, as the environment of a process.</summary>
    /// <param name="name">The variable.</param>
    public static string? Variable(string name) => name is Credentials + "_AWS_ACCESS_KEY_ID" or Credentials + "_AWS_SECRET_ACCESS_KEY" ? Key : null;

    /// <summary>A place in a bucket, as an argument of a program.</summary>
    /// <param name="place">Bucket and prefix.</param>
    /// <param name="through">Where to send requests instead; null for the server itself.</param>
    public string Location(string place, Uri? through = null) => $"s3://{place}?endpoint={(through ?? Address).ToString().TrimEnd('/')}&credentials={Credentials}";

    /// <inheritdoc/>
    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _folder.Dispose();
    }

    private static string Installed()
    {
        var source = Path.Combine(SharedFiles.RepositoryRoot, "tests", "s3server");
        string[] names = ["package.json", "package-lock.json", "server.js"];
        var version = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(names.Select(name => File.ReadAllText(Path.Combine(source, name)))))))[..12];
        var target = Path.Combine(SharedFiles.RepositoryRoot, "artifacts", "s3server", version);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        var since = Stopwatch.StartNew();
        while (!Directory.Exists(target))
        {
            try
            {
                using var alone = new FileStream(target + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
                if (!Directory.Exists(target))
                {
                    Install(source, names, target);
                }
            }
            catch (IOException) when (since.Elapsed < _patience)
            {
                Task.Delay(100).GetAwaiter().GetResult();
            }
        }

        return target;
    }

    private static void Install(string source, string[] names, string target)
    {
        var aside = target + ".new";
        if (Directory.Exists(aside))
        {
            Directory.Delete(aside, recursive: true);
        }

        Directory.CreateDirectory(aside);
        foreach (var name in names)
        {
            File.Copy(Path.Combine(source, name), Path.Combine(aside, name));
        }

        using var process = Process.Start(new ProcessStartInfo("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]) { WorkingDirectory = aside, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        _ = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(_patience) || process.ExitCode != 0)
        {
            process.Kill(entireProcessTree: true);
            throw new InvalidOperationException($"npm ci in {aside} failed: {errors.GetAwaiter().GetResult()}");
        }

        Directory.Move(aside, target);
    }
}
