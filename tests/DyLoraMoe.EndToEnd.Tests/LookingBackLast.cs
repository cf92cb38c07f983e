using Xunit.Sdk;
using Xunit.v3;

namespace DyLoraMoe.EndToEnd.Tests;

/// <summary>The test that looks back at what the others of its class did comes after them.</summary>
public sealed class LookingBackLast : ITestCaseOrderer
{
    /// <inheritdoc/>
    public IReadOnlyCollection<TTestCase> OrderTestCases<TTestCase>(IReadOnlyCollection<TTestCase> testCases)
        where TTestCase : notnull, ITestCase =>
        [.. DefaultTestCaseOrderer.Instance.OrderTestCases(testCases).OrderBy(test => test.TestMethod?.MethodName.StartsWith("All_this_", StringComparison.Ordinal) == true)];
}
