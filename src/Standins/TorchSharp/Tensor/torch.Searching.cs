namespace TorchSharp;

public static partial class torch
{
    /// <summary>Where values belong in a sorted sequence.</summary>
    public static Tensor searchsorted(Tensor sorted_sequence, Tensor values, bool out_int32 = false, bool right = false, Tensor? sorter = null) =>
        Native.st_searchsorted(sorted_sequence, values, out_int32.Int(), right.Int(), sorter);

    public static Tensor gather(Tensor input, long dim, Tensor index, bool sparse_grad = false) =>
        Native.st_gather(input, dim, index, sparse_grad.Int());

    public static Tensor movedim(Tensor input, long source, long destination) => input.movedim([source], [destination]);

    public static Tensor moveaxis(Tensor input, long source, long destination) => input.movedim([source], [destination]);

    public static Tensor normal(Tensor mean, Tensor std, Generator? generator = null)
    {
        var result = Native.st_normal(mean, std, Handle(generator));
        System.GC.KeepAlive(generator);
        return result;
    }

    /// <summary>The shape that tensors of these shapes have together.</summary>
    public static Size broadcast_shapes(params long[][] shapes)
    {
        using var scope = NewDisposeScope();
        var tensors = System.Array.ConvertAll(shapes, shape => empty(shape, device: META));
        return new Size(broadcast_tensors(tensors)[0].shape);
    }
}
