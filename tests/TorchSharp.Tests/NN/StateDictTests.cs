using FsCheck.Fluent;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Tests.NN;

public class StateDictTests
{
    [Fact]
    public void Loading_another_modules_state_makes_the_two_equal()
    {
        using var source = new Network();
        using var target = new Network();
        source.get_buffer("counts")!.fill_(7);

        var (missing, unexpected) = target.load_state_dict(source.state_dict());

        Assert.Empty(missing);
        Assert.Empty(unexpected);
        var expected = source.state_dict();
        Assert.All(target.state_dict(), entry => Assert.True(entry.Value.equal(expected[entry.Key]).all().item<bool>(), entry.Key));
    }

    [Fact]
    public void The_state_holds_the_modules_own_tensors()
    {
        using var network = new Network();

        Assert.Same(network.Scale, network.state_dict()["scale"]);
        Assert.Equal(["backbone.scale"], network.state_dict(prefix: "backbone").Keys.Take(1));
    }

    [Fact]
    public void Buffers_that_are_not_persistent_stay_out_of_the_state()
    {
        using var module = new Holder();
        module.register_buffer("saved", zeros(1));
        module.register_buffer("derived", zeros(1), persistent: false);

        Assert.Equal(["saved"], module.state_dict().Keys);
    }

    [Fact]
    public void A_strict_load_names_what_is_missing_and_what_is_too_much()
    {
        using var network = new Network();
        var state = new Dictionary<string, Tensor>(network.state_dict());
        state.Remove("up_proj.bias");
        state.Remove("scale");
        state["gate_proj.weight"] = zeros(1);

        var error = Assert.Throws<InvalidOperationException>(() => network.load_state_dict(state));

        Assert.Contains("up_proj.bias", error.Message, StringComparison.Ordinal);
        Assert.Contains("scale", error.Message, StringComparison.Ordinal);
        Assert.Contains("gate_proj.weight", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_lenient_load_takes_what_fits_and_reports_the_rest()
    {
        using var network = new Network();
        var state = new Dictionary<string, Tensor> { ["scale"] = full(2, 5.0f), ["other"] = zeros(1) };

        var (missing, unexpected) = network.load_state_dict(state, strict: false);

        Assert.Equal(["up_proj.weight", "up_proj.bias", "down_proj.weight", "counts"], missing);
        Assert.Equal(["other"], unexpected);
        Approximately.Equal([5, 5], network.Scale);
    }

    [Fact]
    public void A_wrong_shape_is_named_with_both_shapes_and_nothing_is_loaded()
    {
        using var network = new Network();
        var before = network.Up.bias!.clone();
        var state = new Dictionary<string, Tensor>(network.state_dict())
        {
            ["up_proj.bias"] = ones(4),
            ["up_proj.weight"] = zeros(4, 2),
            ["scale"] = zeros(1),
        };

        var error = Assert.Throws<InvalidOperationException>(() => network.load_state_dict(state));

        Assert.Contains("up_proj.weight (expected [4, 3], found [4, 2])", error.Message, StringComparison.Ordinal);
        Assert.Contains("scale (expected [2], found [1])", error.Message, StringComparison.Ordinal);
        Assert.True(network.Up.bias!.allclose(before));
    }

    [Fact]
    public void Skipped_keys_are_neither_loaded_nor_required()
    {
        using var network = new Network();
        var state = new Dictionary<string, Tensor>(network.state_dict());
        state.Remove("up_proj.bias");
        state["scale"] = zeros(9);
        state["extra"] = zeros(1);

        network.load_state_dict(state, skip: ["up_proj.bias", "scale", "extra"]);

        Approximately.Equal([1, 1], network.Scale);
    }

    [Fact]
    public void Loading_converts_to_the_modules_precision()
    {
        using var layer = Linear(2, 1, hasBias: false);

        layer.load_state_dict(new() { ["weight"] = tensor(new[] { 1.5, -2.25 }).reshape(1, 2) });

        Assert.Equal(ScalarType.Float32, layer.weight.dtype);
        Approximately.Equal([1.5f, -2.25f], layer.weight);
    }

    [Fact]
    public void Any_tree_comes_back_from_its_own_file()
        => Prop.ForAll(Gen.Choose(1, 5).ListOf().ToArbitrary(), widths =>
        {
            using var scope = NewDisposeScope();
            using var source = Chain(widths);
            using var target = Chain(widths);
            using var file = new MemoryStream();
            using (var writer = new BinaryWriter(file, System.Text.Encoding.UTF8, leaveOpen: true))
            {
                source.save(writer);
            }
            file.Position = 0;
            using var reader = new BinaryReader(file);
            target.load(reader);

            var expected = source.state_dict();
            return target.state_dict().All(entry => entry.Value.allclose(expected[entry.Key]));
        }).Holds();

    [Fact]
    public void A_file_of_another_module_is_refused()
    {
        using var network = new Network();
        using var other = Linear(2, 2);
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            other.save(path);
            Assert.Throws<ArgumentException>(() => network.load(path));

            var loaded = new Dictionary<string, bool>();
            network.load(path, strict: false, loadedParameters: loaded);
            Assert.Equal(new Dictionary<string, bool> { ["weight"] = false, ["bias"] = false }, loaded);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static Modules.Sequential Chain(IEnumerable<int> widths)
    {
        var result = Sequential();
        long input = 2;
        foreach (var width in widths)
        {
            result.append(Linear(input, width));
            input = width;
        }
        return result;
    }
}
