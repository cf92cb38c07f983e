using System.Collections.Concurrent;
using global::Cel;
using Google.Protobuf.Reflection;

namespace DyLoraMoe.Sandbox.Cel;

/// <summary>Compiles and runs expressions of the Common Expression Language.</summary>
internal static class CelRules
{
    private static readonly ConcurrentDictionary<string, Compiled> Programs = new(StringComparer.Ordinal);

    /// <summary>Why an expression cannot be compiled, or null when it can.</summary>
    public static string? CompileError(string expression) => Get(expression).Error;

    /// <summary>Runs an expression.</summary>
    /// <exception cref="CelRuleException">It cannot be compiled, or fails.</exception>
    public static object? Run(string expression, Dictionary<string, object?> variables)
    {
        Compiled compiled = Get(expression);
        if (compiled.Program is null)
        {
            throw new CelRuleException(compiled.Error ?? "not compiled");
        }

        try
        {
            return compiled.Program(variables);
        }
        catch (Exception error) when (error is CelException or InvalidCastException or ArgumentException or InvalidOperationException or KeyNotFoundException)
        {
            throw new CelRuleException(error.Message, error);
        }
    }

    private static Compiled Get(string expression) => Programs.GetOrAdd(expression, Compile);

    private static Compiled Compile(string expression)
    {
        try
        {
            CelProgramDelegate program = new CelEnvironment(Array.Empty<FileDescriptor>(), "").Compile(expression);
            return new Compiled(program.Invoke, null);
        }
        catch (Exception error) when (error is CelException or ArgumentException or InvalidOperationException)
        {
            return new Compiled(null, error.Message);
        }
    }

    private sealed record Compiled(Func<Dictionary<string, object?>, object?>? Program, string? Error);
}
