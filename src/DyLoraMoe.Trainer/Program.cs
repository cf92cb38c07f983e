using DyLoraMoe.Trainer.CommandLine;
using DyLoraMoe.Trainer.Commands;
using DyLoraMoe.Trainer.Commands.Memory;

return Shell.Run(
    args,
    InspectCommand.Create(),
    LogitsCommand.Create(),
    GenerateCommand.Create(),
    PretrainCommand.Create(),
    GrowCommand.Create(),
    ShrinkCommand.Create(),
    DistilCommand.Create(),
    InfiniteCommand.Create(),
    TrainCommand.Create(),
    EvaluateCommand.Create(),
    AssessCommand.Create(),
    LearnCommand.Create(),
    FitRouterCommand.Create(),
    CheckCommand.Create(),
    MergeCommand.Create(),
    PruneCommand.Create(),
    TuneCommand.Create(),
    RouteCommand.Create(),
    SkillsCommand.Create(),
    MemoryCommand.Create(),
    DreamsCommand.Create(),
    JobCommand.Create(),
    BenchCommand.Create());
