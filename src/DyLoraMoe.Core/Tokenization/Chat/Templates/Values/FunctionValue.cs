namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

/// <summary>Something built in that can be called.</summary>
/// <param name="name">Its name.</param>
/// <param name="body">What it does.</param>
internal sealed class FunctionValue(string name, Func<Arguments, Scope, Value> body) : Value
{
    public string Name => name;

    public override string Kind => $"the function '{name}'";

    public override Value Call(Arguments arguments, Scope scope) => body(arguments, scope);
}
