namespace DyLoraMoe.Sandbox.Kinds;

/// <summary>A built-in kind whose generation counts changes of what is wanted.</summary>
internal class GenerationRules : KindRules;
