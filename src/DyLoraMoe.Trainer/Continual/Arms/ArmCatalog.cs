using DyLoraMoe.Core.Adapters;

namespace DyLoraMoe.Trainer.Continual.Arms;

/// <summary>All arms, in the order of the report.</summary>
internal static class ArmCatalog
{
    /// <summary>Name of the arm that the others are compared with.</summary>
    public const string System = "system";

    /// <summary>Name of the upper bound with the task known.</summary>
    public const string Oracle = "oracle";

    /// <summary>Name of the upper bound in mode Activated.</summary>
    public const string OracleActivated = "oracle-activated";

    /// <summary>Name of sequential full fine-tuning.</summary>
    public const string FullFineTuning = "full";

    private static readonly double[] _adapterRates = [1e-3, 3e-3, 6e-3, 1.2e-2, 2.4e-2, 4.8e-2];
    private static readonly double[] _fullRates = [1e-4, 3e-4, 1e-3, 3e-3, 6e-3, 1.2e-2];

    /// <summary>The arms.</summary>
    public static IReadOnlyList<ArmDefinition> All { get; } =
    [
        new(System, "this system", _adapterRates, context => new SystemArm(context)) { Modes = [AdapterMode.Full, AdapterMode.Activated] },
        new("nothing", "do nothing", [0], context => new NothingArm(context)),
        new(FullFineTuning, "sequential full fine-tuning", _fullRates, context => new FullFineTuningArm(context)),
        new("lora", "one LoRA in sequence", _adapterRates, context => new SequentialLoraArm(context, 0)),
        new("replay-5", "one LoRA, 5 % replay", _adapterRates, context => new SequentialLoraArm(context, 0.05)),
        new("replay-25", "one LoRA, 25 % replay", _adapterRates, context => new SequentialLoraArm(context, 0.25)),
        new("o-lora", "O-LoRA", _adapterRates, context => new OrthogonalLoraArm(context)),
        new("sema", "SEMA-style expandable set", _adapterRates, context => new ExpandableArm(context)),
        new("random", "random routing", [0], context => new NothingArm(context))
        {
            ShadowOf = Oracle,
            Shadow = arm => ((OracleArm)arm).RandomlyRouted(),
        },
        new(Oracle, "one LoRA per task, task known", _adapterRates, context => new OracleArm(context, AdapterMode.Full)) { IsUpperBound = true },
        new(OracleActivated, "one Activated LoRA per task, task known", _adapterRates, context => new OracleArm(context, AdapterMode.Activated)) { IsUpperBound = true },
        new("joint", "joint training", _fullRates, context => new JointArm(context)) { IsUpperBound = true, LearnsAtEnd = true },
    ];
}
