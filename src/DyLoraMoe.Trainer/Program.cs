using DyLoraMoe.Trainer.CommandLine;
using DyLoraMoe.Trainer.Commands;

return Shell.Run(
    args,
    InspectCommand.Create(),
    LogitsCommand.Create());
