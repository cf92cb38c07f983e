using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp.Tests.Tensors;

[Collection(UsesDefaultGenerator.Name)]
public sealed class RandomTests
{
    [Fact]
    public void A_seed_fixes_the_default_generator()
    {
        using var scope = NewDisposeScope();
        manual_seed(42);
        var x = rand(3);
        manual_seed(42);
        Assert.True(rand(3).Equals(x));

        // PyTorch's numbers for the same seed.
        Assert.Equal([0.8822692633f, 0.9150039554f, 0.3828637600f], x.data<float>().ToArray());
        Assert.Equal(42, initial_seed());
    }

    [Fact]
    public void A_generator_is_a_stream_of_its_own_whose_state_can_be_kept()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(42);
        var first = rand(3, generator: generator);
        Assert.Equal([0.8822692633f, 0.9150039554f, 0.3828637600f], first.data<float>().ToArray());
        var state = generator.get_state();
        var next = randn(5, generator: generator);
        generator.set_state(state);
        Assert.True(randn(5, generator: generator).Equals(next));
        generator.manual_seed(42);
        Assert.True(rand(3, generator: generator).Equals(first));
        Assert.Equal(42, generator.initial_seed());
        Assert.Throws<ExternalException>(() => generator.set_state(zeros(3)));
    }

    [Fact]
    public void The_default_state_can_be_kept()
    {
        using var scope = NewDisposeScope();
        var state = get_rng_state();
        var x = rand(3);
        set_rng_state(state);
        Assert.True(rand(3).Equals(x));
    }

    [Fact]
    public void Samples_lie_where_they_should()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(1);
        var u = empty(10_000).uniform_(2, 4, generator);
        Assert.InRange(u.min().item<float>(), 2f, 2.01f);
        Assert.InRange(u.mean().item<float>(), 2.95f, 3.05f);
        var n = empty(10_000).normal_(5, 2, generator);
        Assert.InRange(n.mean().item<float>(), 4.9f, 5.1f);
        Assert.InRange(n.std().item<float>(), 1.95f, 2.05f);
        Assert.InRange(empty(10_000).exponential_(2, generator).mean().item<float>(), 0.48f, 0.52f);
        Assert.InRange(full(10_000, 0.3).bernoulli(generator).mean().item<float>(), 0.28f, 0.32f);
        Assert.InRange(empty(10_000).bernoulli_(0.3, generator).mean().item<float>(), 0.28f, 0.32f);
        var d = randint(3, 6, [1_000], generator: generator);
        Assert.Equal((3L, 5L), (d.min().item<long>(), d.max().item<long>()));
        Assert.Equal(Enumerable.Range(0, 20).Select(i => (long)i), randperm(20, generator: generator).data<long>().Order());
        var drawn = tensor([0f, 1f, 3f]).multinomial(1_000, true, generator).bincount(null!, 3);
        Assert.Equal(0L, drawn[0].item<long>());
        Assert.InRange(drawn[2].item<long>(), 700, 800);
        Assert.InRange(torch.normal(zeros(1_000), full(1_000, 3.0), generator).std().item<float>(), 2.7f, 3.3f);
        Assert.Equal([0f, 1], empty(100).random_(0, 2, generator).unique().output.data<float>().ToArray());
    }

    [Fact]
    public void Threads_can_be_set()
    {
        var before = get_num_threads();
        try
        {
            set_num_threads(1);
            Assert.Equal(1, get_num_threads());
        }
        finally
        {
            set_num_threads(before);
        }

        // Each thread has its own number, whatever others set before it computes for the first time.
        using var hasSet = new ManualResetEventSlim();
        using var mayGoOn = new ManualResetEventSlim();
        var found = 0;
        var other = new Thread(() =>
        {
            set_num_threads(1);
            hasSet.Set();
            mayGoOn.Wait();
            found = get_num_threads();
        });
        other.Start();
        hasSet.Wait(TestContext.Current.CancellationToken);
        set_num_threads(before);
        mayGoOn.Set();
        other.Join();
        Assert.Equal(1, found);

        Assert.True(get_num_interop_threads() > 0);
        Assert.Throws<ExternalException>(() => set_num_threads(0));
    }
}
