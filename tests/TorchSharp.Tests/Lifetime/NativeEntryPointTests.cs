using System.Reflection;
using System.Runtime.InteropServices;

namespace TorchSharp.Tests.Lifetime;

public sealed class NativeEntryPointTests
{
    /// <summary>The real package has entry points of other names, which this does not concern.</summary>
    [Fact]
    public void Every_declared_entry_point_exists()
    {
        var declared = typeof(torch).Assembly.GetType("TorchSharp.Native")?
            .GetMethods(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
            .Select(method => method.Name)
            .Where(name => name.StartsWith("st_", StringComparison.Ordinal))
            .Distinct()
            .ToList() ?? [];
        if (declared.Count == 0)
        {
            return;
        }

        var library = NativeLibrary.Load("torch_standin", typeof(torch).Assembly, null);
        Assert.DoesNotContain(declared, name => !NativeLibrary.TryGetExport(library, name, out _));
    }
}
