using DyLoraMoe.Sandbox;
using DyLoraMoe.Sandbox.Hosting;

SandboxOptions? options;
try
{
    options = CommandLine.Parse(args, Environment.GetEnvironmentVariable("DYLORA_SANDBOX_IMAGES"));
}
catch (FormatException error)
{
    Console.Error.WriteLine($"dylora-sandbox: {error.Message}\n\n{CommandLine.Usage}");
    return 2;
}

if (options is null)
{
    Console.WriteLine(CommandLine.Usage);
    return 0;
}

try
{
    await using SandboxServer server = await SandboxServer.StartAsync(options, TimeProvider.System);
    Console.WriteLine(server.Options.KubeconfigPath);
    await server.WaitAsync();
    return 0;
}
catch (Exception error) when (error is IOException or InvalidDataException or UnauthorizedAccessException)
{
    Console.Error.WriteLine($"dylora-sandbox: {error.Message}");
    return 1;
}
