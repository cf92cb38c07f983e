using System.Threading.Channels;
using DyLoraMoe.Router.Engine;

namespace DyLoraMoe.Router.Tests.Engine;

public sealed class FairQueueTests(SampleSet sample)
{
    [Fact]
    public void Clients_take_turns_and_each_keeps_its_order()
    {
        var queue = new FairQueue(10);
        queue.TryAdd(Sequences("a", 0, 1, 2));
        queue.TryAdd(Sequences("b", 3));
        queue.TryAdd(Sequences("c", 4, 5));

        Assert.Equal([0, 3, 4, 1, 5, 2], Taken(queue));
        Assert.Equal(0, queue.Count);
    }

    [Fact]
    public void What_does_not_fit_is_refused_whole()
    {
        var queue = new FairQueue(3);
        Assert.True(queue.TryAdd(Sequences("a", 0, 1)));
        Assert.False(queue.TryAdd(Sequences("b", 2, 3)));
        Assert.True(queue.TryAdd(Sequences("b", 4)));
        Assert.Equal([0, 4, 1], Taken(queue));
    }

    [Fact]
    public void What_is_taken_out_of_the_middle_leaves_the_rest_in_order()
    {
        var queue = new FairQueue(10);
        queue.TryAdd(Sequences("a", 0, 1, 2));
        queue.TryAdd(Sequences("b", 3));

        Assert.Equal([1, 3], queue.RemoveWhere(sequence => sequence.Index is 1 or 3).Select(sequence => sequence.Index).Order());
        Assert.Equal([0, 2], Taken(queue));
        queue.TryAdd(Sequences("b", 7));
        Assert.Equal([7], Taken(queue));
    }

    private static List<int> Taken(FairQueue queue)
    {
        List<int> taken = [];
        while (queue.TryTake(out var sequence))
        {
            taken.Add(sequence.Index);
        }

        return taken;
    }

    private Sequence[] Sequences(string client, params int[] indices)
    {
        var tokenizer = Core.Tokenization.TextTokenizer.Load(sample.Backbone);
        var request = new GenerationRequest([1], new SamplingSettings(), ExpertChoice.Routed);
        return [.. indices.Select(index => new Sequence(index, request, client, tokenizer.CreateDecoder(), Channel.CreateUnbounded<SequenceEvent>().Writer, 0))];
    }
}
