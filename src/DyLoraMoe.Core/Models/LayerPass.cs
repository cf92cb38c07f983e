namespace DyLoraMoe.Core.Models;

/// <summary>What every layer of one forward pass shares.</summary>
/// <param name="Rotation">The rotary turn of this pass's positions.</param>
/// <param name="Mask">Who may attend to whom.</param>
/// <param name="Cache">Keys and values of earlier tokens, if any.</param>
/// <param name="Delta">What adapters add, if anything.</param>
internal sealed record LayerPass(Rotation Rotation, AttentionMask Mask, IKeyValueCache? Cache, IProjectionDelta? Delta);
