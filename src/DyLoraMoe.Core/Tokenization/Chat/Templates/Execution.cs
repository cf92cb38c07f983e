using System.Runtime.CompilerServices;
using DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

namespace DyLoraMoe.Core.Tokenization.Chat.Templates;

/// <summary>One run of a template: where it is, and what it has used of its limits.</summary>
/// <param name="clock">Tells the date to a template that asks; null gives every prompt the same.</param>
internal sealed class Execution(TimeProvider? clock)
{
    private long _steps;
    private int _calls;

    public TimeProvider? Clock => clock;

    /// <summary>The line of what runs.</summary>
    public int Line { get; private set; }

    /// <summary>Counts a node before it runs.</summary>
    public void Step(int line)
    {
        Line = line;
        Spend(1);
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw new TemplateError("Expressions lie within each other too deeply.");
        }
    }

    /// <summary>Counts what a node made.</summary>
    public Value Made(Value value)
    {
        Spend(value switch
        {
            TextValue text => text.Text.Length / 16,
            ListValue list => list.Length(),
            _ => 0,
        });
        return value;
    }

    /// <summary>Counts a call until it is disposed.</summary>
    public CallScope Call()
        => ++_calls <= TemplateLimits.Calls ? new CallScope(this) : throw new TemplateError($"Macros call each other more than {TemplateLimits.Calls} deep.");

    private void Spend(long steps)
    {
        _steps += steps;
        if (_steps > TemplateLimits.Steps)
        {
            throw new TemplateError($"It takes more than {TemplateLimits.Steps} steps, the most that a template may take for one conversation.");
        }
    }

    /// <summary>A call that is under way.</summary>
    internal readonly struct CallScope(Execution run) : IDisposable
    {
        public void Dispose() => run._calls--;
    }
}
