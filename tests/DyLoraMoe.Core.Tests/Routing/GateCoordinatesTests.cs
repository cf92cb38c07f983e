using DyLoraMoe.Core.Routing;
using DyLoraMoe.Core.Tests.Data;
using FsCheck.Fluent;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Tests.Routing;

public sealed class GateCoordinatesTests
{
    private const int Width = 12;

    [Fact]
    public void A_gate_says_the_same_there_and_comes_back_as_it_was() => Law.Holds(Gen.Choose(1, 1000), seed =>
    {
        using var scope = NewDisposeScope();
        using var random = new Generator((ulong)seed, CPU);
        var skills = Skills(random);
        using var coordinates = GateCoordinates.Of(skills);
        var (gate, bias) = (Draw(random, 4, Width), Draw(random, 4));

        var (whitened, offsets) = coordinates.Enter(gate, bias);
        var (rows, back) = coordinates.Leave(whitened, offsets);

        TensorAssert.Close(RouterGate.Scores(skills[0], gate, bias), RouterGate.Scores(coordinates.Of(skills[0]), whitened, offsets), 1e-9);
        TensorAssert.Close(gate, rows, 1e-9);
        TensorAssert.Close(bias, back, 1e-9);
    }, cases: 20);

    [Fact]
    public void Skills_spread_alike_in_every_direction_but_those_with_next_to_no_spread_at_all()
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(5, CPU);
        var scales = tensor(Enumerable.Range(0, Width).Select(feature => Math.Pow(2, -feature)).ToArray());
        var skills = Skills(random, samples: 4000).ConvertAll(skill => skill * scales);
        using var coordinates = GateCoordinates.Of(skills);

        var spread = (coordinates.Of(skills[0]).var(0) * Width).data<double>().ToArray();

        Assert.All(spread.Index(), feature =>
        {
            var variance = Math.Pow(4, -feature.Index);
            Assert.Equal(variance / (variance + (0.03 / Width)), feature.Item, 0.1);
        });
        Assert.True(spread[0] > 0.9 && spread[^1] < 1e-3);
    }

    [Fact]
    public void Directions_in_which_prompts_of_one_skill_differ_do_not_hide_those_that_tell_skills_apart()
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(7, CPU);
        var spread = ones(Width, dtype: ScalarType.Float64);
        spread.narrow(0, 4, 8).fill_(60);
        var (turned, _) = linalg.qr(Draw(random, Width, Width));
        using var router = Router(spread.square().mean().sqrt().item<double>());

        // They are turned, or Adam, which scales every feature by itself, would see through it.
        SkillFeatures Skill(int owner) => new($"skill-{owner}", owner, Cloud(owner, 200)) { HeldOut = Cloud(owner, 400) };
        var report = RouterTraining.Fit(router, [Skill(0), Skill(1), Skill(2)]).Report;

        Assert.All(report.Skills, skill => Assert.True(skill.Accuracy >= 0.9, $"{skill}"));

        Tensor Cloud(int owner, int samples)
        {
            var centre = zeros(Width, dtype: ScalarType.Float64);
            centre[1 + owner] = 4;
            return ((Draw(random, samples, Width) * spread) + centre).matmul(turned).to_type(ScalarType.Float32);
        }
    }

    [Fact]
    public void Skills_of_one_prompt_each_are_told_apart()
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(9, CPU);
        using var router = Router();

        var (fitted, report) = RouterTraining.Fit(router, [.. Enumerable.Range(0, 3).Select(owner => new SkillFeatures($"skill-{owner}", owner, Draw(random, 1, Width)))]);

        using var _ = fitted;
        Assert.All(report.Skills, skill => Assert.Equal(1, skill.Accuracy));
        Assert.True(fitted.Probabilities(Draw(random, 100, Width)).isfinite().all().item<bool>());
        Assert.True(fitted.Tensors.Gate.abs().max().item<float>() < 1000, "a gate that is certain of everything");
    }

    private static DynamicHybridRouter Router(double scale = 1)
    {
        using var scaling = new FeatureScaling(zeros(Width), ones(Width) * scale);
        using var empty = DynamicHybridRouter.Create(Routers.Identity, scaling);
        using var first = empty.WithExpert("first");
        return first.WithExpert("second");
    }

    private static List<Tensor> Skills(Generator random, int samples = 50) =>
        [.. Enumerable.Range(0, 3).Select(skill => Draw(random, samples, Width) + (Draw(random, Width) * 3))];

    private static Tensor Draw(Generator random, params long[] shape) => randn(shape, ScalarType.Float64, generator: random);
}
