using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Tests.NN;

public class HookTests
{
    [Fact]
    public void Hooks_see_and_change_what_goes_in_and_out()
    {
        using var module = Identity();
        module.register_forward_pre_hook((_, input) => input + 1);
        module.register_forward_hook((_, _, output) => output * 10);

        Approximately.Equal([20], module.call(tensor(new[] { 1f })));
    }

    [Fact]
    public void A_hook_that_was_removed_is_not_called()
    {
        using var module = Identity();
        var calls = 0;
        var before = module.register_forward_pre_hook(_ => calls++);
        var after = module.register_forward_hook(_ => calls++);

        module.call(ones(1));
        before.remove();
        after.remove();
        module.call(ones(1));

        Assert.Equal(2, calls);
    }

    [Fact]
    public void Hooks_of_modules_with_several_inputs_may_leave_them_alone()
    {
        using var module = MSELoss();
        module.register_forward_pre_hook((_, _, _) => null);
        Approximately.Equal(4, module.call(ones(1), ones(1) * 3).item<float>());

        module.register_forward_pre_hook((_, input, target) => (input * 2, target));
        Approximately.Equal(1, module.call(ones(1), ones(1) * 3).item<float>());
    }
}
