namespace DyLoraMoe.Core.Routing;

/// <summary>What a router belongs to. Its numbers mean nothing for other features or another backbone.</summary>
/// <param name="Features">A name for how features are made, such as a digest of the extractor's options.</param>
/// <param name="Backbone">The backbone's digest.</param>
public sealed record RouterIdentity(string Features, string Backbone);

/// <summary>A router was asked to work for features or a backbone that it was not fitted on.</summary>
/// <param name="message">What it belongs to, what was asked for, and what to do.</param>
public sealed class RouterMismatchException(string message) : InvalidOperationException(message);
