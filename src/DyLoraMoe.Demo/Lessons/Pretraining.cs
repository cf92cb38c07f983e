namespace DyLoraMoe.Demo.Lessons;

/// <summary>A backbone that a demonstration makes for itself, with <c>dylora pretrain</c>.</summary>
/// <param name="Folder">Where the weights go. What is there already is taken as it is.</param>
/// <param name="Arguments">Arguments of the command.</param>
internal sealed record Pretraining(string Folder, IReadOnlyList<string> Arguments);
