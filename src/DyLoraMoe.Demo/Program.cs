using DyLoraMoe.Demo;

DemoOptions? options;
try
{
    options = DemoOptions.Parse(args, Directory.GetCurrentDirectory());
}
catch (FormatException error)
{
    Console.Error.WriteLine($"dylora-demo: {error.Message}\n\n{DemoOptions.Usage}");
    return 2;
}

if (options is null)
{
    Console.WriteLine(DemoOptions.Usage);
    return 0;
}

return await DemoProgram.RunAsync(options, TimeProvider.System);
