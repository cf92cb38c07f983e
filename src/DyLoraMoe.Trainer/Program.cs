using DyLoraMoe.Trainer.CommandLine;
using DyLoraMoe.Trainer.Commands;

return Shell.Run(
    args,
    InspectCommand.Create(),
    LogitsCommand.Create(),
    GenerateCommand.Create(),
    PretrainCommand.Create(),
    TrainCommand.Create(),
    EvaluateCommand.Create(),
    BenchCommand.Create());
