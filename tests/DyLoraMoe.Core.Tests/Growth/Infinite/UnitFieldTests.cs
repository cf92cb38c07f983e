using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Growth.Infinite;
using DyLoraMoe.Core.Growth.Optimizer;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Testing;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Tests.Growth.Infinite;

public class UnitFieldTests
{
    private static readonly TrainingOptions Options = TrainingOptions.Pretraining with { Rows = 2, Context = 16, ClipNorm = null };

    private static readonly PackedBatch Batch = PackedBatch.OfWindows(TinyData.Stream(200), [0, 40], 16);

    [Theory]
    [InlineData(UnitAxis.FeedForward, 40.3)]
    [InlineData(UnitAxis.Depth, 0.4)]
    [InlineData(UnitAxis.Heads, 0.7)]
    public void What_presses_on_a_boundary_is_the_derivative_of_the_loss(UnitAxis axis, double position)
    {
        const double h = 2e-3;
        using var body = new InfiniteModelBody(TinyModels.Create(), Options, teacher: null);
        var row = Row(body, axis, position);

        var gradient = Gradient(body, row);

        var numeric = (LossAt(body, row, position + h) - LossAt(body, row, position - h)) / (2 * h);
        Assert.Equal(numeric, gradient, 0.03 * Math.Abs(numeric) + 1e-4);
        Assert.NotEqual(0, gradient);
        body.Dispose();
        body.Model.Dispose();
    }

    [Fact]
    public void Two_boundaries_on_one_weight_multiply_and_each_has_its_own_derivative()
    {
        const double h = 2e-3;
        using var body = new InfiniteModelBody(TinyModels.Create(), Options, teacher: null);
        UnitRow[] rows = [Row(body, UnitAxis.FeedForward, 40.3), Row(body, UnitAxis.Depth, 0.4)];

        Gradient(body, rows);

        foreach (var row in rows)
        {
            var (position, gradient) = (row.Boundary.Position, row.Gradient);
            row.Boundary = row.Boundary with { Position = position + h };
            var up = Loss(body, rows);
            row.Boundary = row.Boundary with { Position = position - h };
            var numeric = (up - Loss(body, rows)) / (2 * h);
            row.Boundary = row.Boundary with { Position = position };
            Assert.Equal(numeric, gradient, 0.03 * Math.Abs(numeric) + 1e-4);
        }

        body.Dispose();
        body.Model.Dispose();
    }

    [Fact]
    public void A_gate_multiplies_the_gradient_of_what_it_gates_and_leaves_no_trace_in_the_weight()
    {
        using var body = new InfiniteModelBody(TinyModels.Create(), Options, teacher: null);
        var row = Row(body, UnitAxis.FeedForward, 45);
        using var field = new UnitField([row], body.Step, new InfiniteOptions { Axes = [row.Options] });
        var down = body.Model.Projections["model.layers.1.mlp.down_proj"].Weight;
        using var before = down.detach().clone();
        field.Close();
        using var gated = down.detach().clone();
        body.Learn(Batch, Batch.LossTokens);
        using var plain = down.grad!.clone();

        field.BeforeStep();

        using var gate = tensor(Enumerable.Range(0, 48).Select(unit => (float)row.Boundary.Gate(unit)).ToArray());
        Assert.True(gated.allclose(before * gate));
        Assert.True(down.grad!.allclose(plain * gate));
        Assert.True(down.equal(before).all().item<bool>());
        body.Dispose();
        body.Model.Dispose();
    }

    [Theory]
    [InlineData(UnitAxis.FeedForward, 42.5)]
    [InlineData(UnitAxis.Heads, 0.6)]
    [InlineData(UnitAxis.FeedForward, 1000)]
    public void Moving_heavy_units_inwards_leaves_what_the_model_computes(UnitAxis axis, double position)
    {
        using var body = new InfiniteModelBody(TinyModels.Create(), Options, teacher: null);
        var row = Row(body, axis, position);
        using var field = new UnitField([row], body.Step, new InfiniteOptions { Axes = [row.Options] });
        using var ids = Ids();
        field.Close();
        using var before = body.Model.Logits(ids, ForwardOptions.Plain);
        field.Open();

        field.Swap();

        field.Close();
        using var after = body.Model.Logits(ids, ForwardOptions.Plain);
        Assert.True((before - after).abs().max().item<float>() < 1e-4 * before.abs().max().item<float>());
        Assert.All(row.Strands, strand =>
        {
            var masses = strand.Masses().Zip(Enumerable.Range(0, strand.Count)).Where(unit => row.Boundary.Gate(unit.Second) >= 0.25).Select(unit => unit.First).ToList();
            Assert.Equal(masses.OrderDescending(), masses);
        });
        body.Dispose();
        body.Model.Dispose();
    }

    [Fact]
    public void What_the_optimizer_remembers_of_units_that_move_is_that_of_their_new_places()
    {
        using var body = new InfiniteModelBody(TinyModels.Create(), Options, teacher: null);
        var row = Row(body, UnitAxis.FeedForward, 42.5);
        using var field = new UnitField([row], body.Step, new InfiniteOptions { Axes = [row.Options] });
        var memories = GrownMoments.Memories(body.Step);
        using var _ = no_grad();
        foreach (var (name, gradient) in Gradients())
        {
            var (mean, square) = GrownMoments.MomentsOf(memories[name]);
            mean.copy_(gradient);
            square.copy_(gradient.square());
        }

        field.Swap();

        foreach (var (name, gradient) in Gradients())
        {
            var (mean, square) = GrownMoments.MomentsOf(memories[name]);
            Assert.True(mean.allclose(gradient, 1e-3, 1e-5), name);
            Assert.True(square.allclose(gradient.square(), 1e-3, 1e-6), name);
        }

        body.Dispose();
        body.Model.Dispose();

        List<(string Name, Tensor Gradient)> Gradients()
        {
            field.Close();
            using (enable_grad())
            {
                body.Learn(Batch, Batch.LossTokens);
            }

            body.Step.TakeLoss();
            field.BeforeStep();
            return [.. body.Step.Parameters.Select(pair =>
            {
                var gradient = pair.Parameter.grad!.clone();
                pair.Parameter.grad = null;
                return (pair.Name, gradient);
            })];
        }
    }

    [Fact]
    public void Units_without_mass_read_anew_and_the_model_computes_the_same()
    {
        using var body = new InfiniteModelBody(TinyModels.Create(), Options, teacher: null);
        var row = Row(body, UnitAxis.FeedForward, 40);
        using var field = new UnitField([row], body.Step, new InfiniteOptions { Axes = [row.Options] });
        var (up, down) = (body.Model.Projections["model.layers.0.mlp.up_proj"].Weight, body.Model.Projections["model.layers.0.mlp.down_proj"].Weight);
        using (no_grad())
        {
            down.narrow(1, 42, 2).zero_();
            up.narrow(0, 42, 2).zero_();
        }

        using var ids = Ids();
        using var before = body.Model.Logits(ids, ForwardOptions.Plain);

        field.Rekindle(seed: 5);

        using var after = body.Model.Logits(ids, ForwardOptions.Plain);
        Assert.True(before.allclose(after, 1e-5, 1e-5));
        Assert.True(up.narrow(0, 42, 2).abs().sum([1]).min().item<float>() > 0);
        Assert.True(up.narrow(0, 41, 1).equal(Original("up_proj").narrow(0, 41, 1)).all().item<bool>());
        body.Dispose();
        body.Model.Dispose();

        static Tensor Original(string name) => TinyModels.Create().Projections[$"model.layers.0.mlp.{name}"].Weight;
    }

    [Fact]
    public void Pulls_take_the_same_share_from_all_of_a_unit_and_more_further_out()
    {
        using var body = new InfiniteModelBody(TinyModels.Create(), Options, teacher: null);
        var row = Row(body, UnitAxis.FeedForward, 48);
        using var field = new UnitField([row], body.Step, new InfiniteOptions { Axes = [row.Options], Gravity = 0, Lasso = 0.5 });
        var strand = row.Strands[0];
        var (readers, writers) = (strand.ReaderNorms(), strand.WriterNorms());

        field.AfterStep(rate: 0.01, share: 0, isPullDue: true);

        var (nowReaders, nowWriters) = (strand.ReaderNorms(), strand.WriterNorms());
        for (var unit = 0; unit < strand.Count; unit++)
        {
            var lost = 0.01 * 0.5 * (1 + (unit / row.Radius));
            Assert.Equal(lost * Math.Sqrt(64), readers[unit] - nowReaders[unit], 1e-4);
            Assert.Equal(lost * Math.Sqrt(32), writers[unit] - nowWriters[unit], 1e-4);
        }

        body.Dispose();
        body.Model.Dispose();
    }

    private static UnitRow Row(InfiniteModelBody body, UnitAxis axis, double position) => new(new AxisOptions(axis), AxisOptions.UsualMost, new SoftBoundary(position, axis == UnitAxis.FeedForward ? 6 : 1))
    {
        Strands = body.StrandsOf(axis),
    };

    private static double Gradient(InfiniteModelBody body, params UnitRow[] rows)
    {
        using var field = new UnitField(rows, body.Step, new InfiniteOptions { Axes = [.. rows.Select(row => row.Options)] });
        field.Close();
        body.Learn(Batch, Batch.LossTokens);
        body.Step.TakeLoss();
        field.BeforeStep();
        foreach (var (_, parameter) in body.Step.Parameters)
        {
            parameter.grad = null;
        }

        return rows[0].Gradient;
    }

    private static double LossAt(InfiniteModelBody body, UnitRow row, double position)
    {
        row.Boundary = row.Boundary with { Position = position };
        return Loss(body, row);
    }

    private static double Loss(InfiniteModelBody body, params UnitRow[] rows)
    {
        using var field = new UnitField(rows, body.Step, new InfiniteOptions { Axes = [.. rows.Select(row => row.Options)] });
        field.Close();
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var logits = body.Model.Logits(tensor(Batch.InputIds).view(2, 16), ForwardOptions.Plain).to_type(ScalarType.Float64);
        var loss = nn.functional.cross_entropy(logits.view(-1, logits.shape[2]), tensor(Batch.Targets)).item<double>();
        field.Open();
        return loss;
    }

    private static Tensor Ids() => tensor(Batch.InputIds, [2, 16]);
}
