using System.Threading.Channels;
using DyLoraMoe.Router.Engine;

namespace DyLoraMoe.Router.Tests.Engine;

public sealed class FairQueueTests(SampleSet sample)
{
    [Fact]
    public void Clients_take_turns_and_each_keeps_its_order()
    {
        var queue = new FairQueue<Sequence>(10, TimeProvider.System);
        queue.Add(Sequences("a", 0, 1, 2));
        queue.Add(Sequences("b", 3));
        queue.Add(Sequences("c", 4, 5));

        Assert.Equal([0, 3, 4, 1, 5, 2], Taken(queue));
        Assert.Equal(0, queue.Count);
    }

    [Fact]
    public void What_does_not_fit_is_refused_whole()
    {
        var queue = new FairQueue<Sequence>(3, TimeProvider.System);
        queue.Add(Sequences("a", 0, 1));
        Assert.Throws<QueueFullException>(() => queue.Add(Sequences("b", 2, 3)));
        queue.Add(Sequences("b", 4));
        Assert.Equal([0, 4, 1], Taken(queue));
    }

    [Fact]
    public void One_client_leaves_a_quarter_of_the_places_to_others()
    {
        var queue = new FairQueue<Sequence>(8, TimeProvider.System);
        queue.Add(Sequences("a", 0, 1, 2, 3));
        Assert.Throws<QueueFullException>(() => queue.Add(Sequences("a", 4, 5, 6)));
        queue.Add(Sequences("a", 7, 8));
        Assert.Throws<QueueFullException>(() => queue.Add(Sequences("a", 9)));
        queue.Add(Sequences("b", 10, 11));
        Assert.Throws<QueueFullException>(() => queue.Add(Sequences("b", 12)));
        Assert.Equal([0, 10, 1, 11, 2, 3, 7, 8], Taken(queue));
    }

    [Fact]
    public void Who_is_refused_learns_whether_it_is_the_own_share_that_is_full()
    {
        var queue = new FairQueue<Sequence>(8, TimeProvider.System);
        queue.Add(Sequences("a", 0, 1, 2, 3, 4, 5));

        var share = Assert.Throws<QueueFullException>(() => queue.Add(Sequences("a", 6)));
        queue.Add(Sequences("b", 7, 8));
        var full = Assert.Throws<QueueFullException>(() => queue.Add(Sequences("c", 9)));

        Assert.StartsWith("Your share of the queue is full: 6 of your sequences", share.Message, StringComparison.Ordinal);
        Assert.StartsWith("The queue is full: 8 sequences", full.Message, StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromMinutes(1), full.RetryAfter);
    }

    [Fact]
    public void What_is_taken_out_of_the_middle_leaves_the_rest_in_order()
    {
        var queue = new FairQueue<Sequence>(10, TimeProvider.System);
        queue.Add(Sequences("a", 0, 1, 2));
        queue.Add(Sequences("b", 3));

        Assert.Equal([1, 3], queue.RemoveWhere(sequence => sequence.Index is 1 or 3).Select(sequence => sequence.Index).Order());
        Assert.Equal([0, 2], Taken(queue));
        queue.Add(Sequences("b", 7));
        Assert.Equal([7], Taken(queue));
    }

    [Fact]
    public void One_that_may_not_come_yet_stays_the_next()
    {
        var queue = new FairQueue<Sequence>(10, TimeProvider.System);
        queue.Add(Sequences("a", 0, 1));
        queue.Add(Sequences("b", 2));

        Assert.False(queue.TryTake(sequence => sequence.Index != 0, out var none));
        Assert.Null(none);
        Assert.Equal([0, 2, 1], Taken(queue));
    }

    [Fact]
    public void A_sequence_that_is_given_up_while_it_is_looked_at_is_either_taken_out_or_still_waits()
    {
        var queue = new FairQueue<Sequence>(10, TimeProvider.System);
        queue.Add(Sequences("a", 0, 1, 2));
        var asked = new Dictionary<int, int>();

        // Every second time that it is asked, a sequence says yes.
        var removed = queue.RemoveWhere(sequence => (asked[sequence.Index] = asked.GetValueOrDefault(sequence.Index) + 1) % 2 == 0);

        Assert.All(asked.Values, times => Assert.Equal(1, times));
        Assert.Empty(removed);
        Assert.Equal(3, queue.Count);
        Assert.Equal([0, 1, 2], Taken(queue));
        Assert.Equal(0, queue.Count);
    }

    [Fact]
    public void A_closed_queue_gives_back_what_waits_and_takes_nothing_more()
    {
        var queue = new FairQueue<Sequence>(10, TimeProvider.System);
        queue.Add(Sequences("a", 0, 1));

        Assert.Equal([0, 1], queue.Close().Select(sequence => sequence.Index));
        Assert.Throws<EngineStoppedException>(() => queue.Add(Sequences("b", 2)));
        Assert.Equal(0, queue.Count);
    }

    private static List<int> Taken(FairQueue<Sequence> queue)
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
