namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Nodes;

/// <summary>What marks answers for training; here it is what lies within.</summary>
internal sealed class GenerationStatement(int line, Statement body) : Statement(line)
{
    protected override Flow Run(Scope scope) => body.Execute(scope.Inner());
}
