using DyLoraMoe.Kubectl.CommandLine;
using DyLoraMoe.Kubectl.Output;

return await Shell.RunAsync(args, Terminal.Standard()).ConfigureAwait(false);
