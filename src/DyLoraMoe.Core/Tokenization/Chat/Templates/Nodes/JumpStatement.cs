namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Nodes;

/// <summary>Break and continue.</summary>
internal sealed class JumpStatement(int line, Flow flow) : Statement(line)
{
    protected override Flow Run(Scope scope) => flow;
}
